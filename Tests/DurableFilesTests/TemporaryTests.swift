import DurableFiles
import Foundation
import Testing

@Suite("Temporary files")
struct TemporaryTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("The temporary name is hidden and lies beside the file")
    func name() {
        #expect(DurableFiles.temporaryPath(for: "/d/e/name.json") == "/d/e/.name.json.writing")
        #expect(DurableFiles.temporaryPath(for: "name") == "./.name.writing")
    }

    /// Marks that are one character with the slash before them: an accent, a joiner, a skin tone.
    private static let marks = ["\u{301}", "\u{200D}", "\u{FE0F}", "\u{1F3FD}"]

    @Test("Paths are cut at the byte, whatever a name begins with", arguments: marks)
    func cutting(_ mark: String) {
        let temporary = DurableFiles.temporaryPath(for: "/d/e/\(mark)n")
        #expect(Array(temporary.utf8) == Array("/d/e/.\(mark)n.writing".utf8))
        #expect(DurableFiles.folder(of: "/d/\(mark)e/\(mark)n") == "/d/\(mark)e")
        #expect(DurableFiles.folder(of: "/\(mark)n") == "/")
        #expect(DurableFiles.folder(of: "\(mark)n") == ".")
        #expect(DurableFiles.name(of: "d/\(mark)n") == "\(mark)n")
        #expect(DurableFiles.name(of: "d/\(mark)n//") == "\(mark)n")
        #expect(DurableFiles.name(of: "\(mark)n") == "\(mark)n")
    }

    @Test("Names that begin with a mark are written, replaced and moved", arguments: marks)
    func marked(_ mark: String) throws {
        try DurableFiles.makeFolder(folder("\(mark)d/\(mark)e"))
        try DurableFiles.createOnce(folder("\(mark)d/\(mark)a"), [1])
        try DurableFiles.replace(folder("\(mark)d/\(mark)a"), [2])
        try DurableFiles.move(folder("\(mark)d/\(mark)a"), to: folder("\(mark)d/\(mark)e/b"))
        #expect(try DurableFiles.read(folder("\(mark)d/\(mark)e/b")) == [2])
        #expect(try folder.names == ["\(mark)d"])
    }

    @Test("What a crash left half-written is replaced, and never shows", arguments: [true, false])
    func leftover(_ once: Bool) throws {
        try folder.write(".a.writing", String(repeating: "half", count: 1_000))
        if once {
            try DurableFiles.createOnce(folder("a"), Array("whole".utf8))
        } else {
            try DurableFiles.replace(folder("a"), Array("whole".utf8))
        }
        #expect(try folder.text("a") == "whole")
        #expect(try folder.names == ["a"])
    }

    @Test("What a crash left does not lend its mode to a private file")
    func leftoverMode() throws {
        try folder.write(".a.writing", "half")
        #expect(chmod(folder(".a.writing"), 0o666) == 0)
        try DurableFiles.createOnce(folder("a"), [1])
        #expect(try folder.mode("a") == 0o600)
    }

    @Test("A link in place of the temporary file is never written through")
    func symbolicLink() throws {
        try folder.write("victim", "precious")
        #expect(symlink(folder("victim"), folder(".a.writing")) == 0)
        // Refused or replaced: either way the victim stays.
        try? DurableFiles.createOnce(folder("a"), Array("x".utf8))
        try? DurableFiles.replace(folder("a"), Array("x".utf8))
        #expect(try folder.text("victim") == "precious")
        #expect(try folder.mode("victim") != 0o120777)
    }

    @Test("A second name of the temporary file is never written through")
    func hardLink() throws {
        try folder.write("victim", "precious")
        #expect(link(folder("victim"), folder(".a.writing")) == 0)
        try? DurableFiles.replace(folder("a"), Array("x".utf8))
        #expect(try folder.text("victim") == "precious")
    }
}
