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
