import DurableFiles
import Foundation
import Testing

@Suite("Durable verbs")
struct VerbTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("createOnce makes a private file and leaves nothing else behind")
    func createOnce() throws {
        try DurableFiles.createOnce(folder("a"), Array("one".utf8))
        #expect(try folder.text("a") == "one")
        #expect(try folder.mode("a") == 0o600)
        #expect(try folder.names == ["a"])
    }

    @Test("createOnce never touches a name that is taken")
    func createOnceTaken() throws {
        try DurableFiles.createOnce(folder("a"), Array("one".utf8))
        #expect(code { try DurableFiles.createOnce(folder("a"), Array("two".utf8)) } == EEXIST)
        #expect(code { try DurableFiles.createOnce(folder("a"), Array("one".utf8)) } == EEXIST)
        #expect(symlink("nowhere", folder("link")) == 0)
        #expect(code { try DurableFiles.createOnce(folder("link"), [1]) } == EEXIST)
        #expect(try folder.text("a") == "one")
        #expect(try folder.names == ["a", "link"])
    }

    @Test("rewrite leaves a file as it shows, its length and mode too, and follows no link")
    func rewrite() throws {
        try folder.write("a", "0123456789")
        try DurableFiles.rewrite(folder("a"), Array("456".utf8), at: 4)
        #expect(try folder.text("a") == "0123456789")
        #expect(code { try DurableFiles.rewrite(folder("b"), [1], at: 0) } == ENOENT)
        #expect(symlink(folder("a"), folder("link")) == 0)
        #expect(code { try DurableFiles.rewrite(folder("link"), [1], at: 0) } == ELOOP)
        #expect(try folder.text("a") == "0123456789")
        #expect(try folder.names == ["a", "link"])
    }

    @Test("createOnce in a folder that is not there makes nothing")
    func createOnceNowhere() {
        #expect(code { try DurableFiles.createOnce(folder("none/a"), [1]) } == ENOENT)
    }

    @Test(
        "createOrMatch takes the same bytes twice and no others, longer, shorter or equal in length"
    )
    func createOrMatch() throws {
        let path = folder("a")
        try DurableFiles.createOrMatch(path, Array("one".utf8))
        try DurableFiles.createOrMatch(path, Array("one".utf8))
        for other in ["", "on", "two", "ones"] {
            let bytes = Array(other.utf8)
            #expect(code { try DurableFiles.createOrMatch(path, bytes) } == EEXIST, "\(other)")
        }
        #expect(try folder.text("a") == "one")
        #expect(try folder.names == ["a"])
    }

    @Test("link gives a second name to the same file, and takes none that is taken")
    func secondName() throws {
        try folder.write("a", "one")
        try DurableFiles.link(folder("a"), to: folder("b"))
        #expect(code { try DurableFiles.link(folder("a"), to: folder("b")) } == EEXIST)
        try folder.write("made", "two")
        try DurableFiles.putInPlace(folder("made"), folder("a"))
        #expect(try folder.text("a") == "two" && folder.text("b") == "one")
        #expect(code { try DurableFiles.link(folder("none"), to: folder("c")) } == ENOENT)
        #expect(try folder.names == ["a", "b"])
    }

    @Test("putInPlace takes the place of what was there, in one step")
    func putInPlace() throws {
        try DurableFiles.createOnce(folder("a"), Array("old".utf8))
        try DurableFiles.createOnce(folder("made"), Array("new".utf8), mode: 0o444)
        try DurableFiles.putInPlace(folder("made"), folder("a"))
        #expect(try folder.text("a") == "new")
        #expect(try folder.mode("a") == 0o444)
        #expect(try folder.names == ["a"])
        #expect(code { try DurableFiles.putInPlace(folder("made"), folder("a")) } == ENOENT)
    }

    @Test("destroy leaves neither the name nor, in another name of the file, the secret")
    func destroy() throws {
        try DurableFiles.createOnce(folder("key"), Array("secret".utf8))
        #expect(link(folder("key"), folder("other")) == 0)
        try DurableFiles.destroy(folder("key"))
        #expect(try folder.names == ["other"])
        #expect(try DurableFiles.read(folder("other")) == [0, 0, 0, 0, 0, 0])
        try DurableFiles.destroy(folder("key"))
    }

    @Test("An immutable file can be neither changed nor removed until the flag is cleared")
    func immutable() throws {
        try DurableFiles.createOnce(folder("a"), Array("kept".utf8))
        // Not allowed to everybody, and not known to every file system.
        guard DurableFiles.setImmutable(folder("a"), true) else { return }
        #expect(code { try DurableFiles.remove(folder("a")) } == EPERM)
        #expect(code { try DurableFiles.replace(folder("a"), []) } == EPERM)
        #expect(DurableFiles.setImmutable(folder("a"), false))
        try DurableFiles.remove(folder("a"))
        #expect(try folder.names == [])
    }

    @Test("replace makes a file or puts a new one in its place, with the mode asked for")
    func replace() throws {
        try DurableFiles.replace(folder("a"), Array("one".utf8))
        #expect(try folder.mode("a") == 0o600)
        try DurableFiles.replace(folder("a"), Array("longer than one".utf8), mode: 0o400)
        try DurableFiles.replace(folder("a"), [])
        #expect(try folder.text("a") == "")
        #expect(try folder.mode("a") == 0o600)
        #expect(try folder.names == ["a"])
    }

    @Test("replace keeps an open reader's old bytes whole")
    func replaceIsAtomic() throws {
        try DurableFiles.replace(folder("a"), Array("old".utf8))
        let reader = try #require(FileHandle(forReadingAtPath: folder("a")))
        try DurableFiles.replace(folder("a"), Array("new and longer".utf8))
        #expect(try reader.readToEnd() == Data("old".utf8))
    }

    @Test("replace of a folder fails and leaves no temporary file")
    func replaceFolder() throws {
        try DurableFiles.makeFolder(folder("a"))
        #expect(code { try DurableFiles.replace(folder("a"), [1]) } == EISDIR)
        #expect(try folder.names == ["a"])
    }

    @Test("move never replaces, and a missing source says so")
    func move() throws {
        try folder.write("a", "one")
        try folder.write("b", "two")
        #expect(code { try DurableFiles.move(folder("a"), to: folder("b")) } == EEXIST)
        #expect(try folder.text("a") == "one")
        #expect(try folder.text("b") == "two")
        try DurableFiles.makeFolder(folder("sub"))
        try DurableFiles.move(folder("a"), to: folder("sub/a"))
        #expect(try folder.text("sub/a") == "one")
        #expect(try folder.names == ["b", "sub"])
        #expect(code { try DurableFiles.move(folder("a"), to: folder("c")) } == ENOENT)
    }

    @Test("remove takes a file, is content without one, and never takes a folder")
    func remove() throws {
        try folder.write("a", "one")
        try DurableFiles.remove(folder("a"))
        try DurableFiles.remove(folder("a"))
        try DurableFiles.remove(folder("none/a"))
        try DurableFiles.makeFolder(folder("sub"))
        #expect(code { try DurableFiles.remove(folder("sub")) } != nil)
        #expect(try folder.names == ["sub"])
    }

    @Test("makeFolder makes parents, may be repeated, and refuses a file in the way")
    func makeFolder() throws {
        try DurableFiles.makeFolder(folder("x/y/z"))
        try DurableFiles.makeFolder(folder("x/y/z"))
        #expect(try folder.mode("x") == 0o700)
        #expect(try folder.mode("x/y/z") == 0o700)
        try folder.write("file", "")
        #expect(code { try DurableFiles.makeFolder(folder("file")) } == EEXIST)
        #expect(code { try DurableFiles.makeFolder(folder("file/sub")) } != nil)
    }

    @Test("read takes a file whole whose length the system does not tell")
    func readsUntold() throws {
        let bytes = try DurableFiles.read("/proc/self/maps", limit: 1 << 22)
        #expect(bytes.count > 1_000 && bytes.last == 0x0A)
    }

    @Test(
        "read takes files of every length about a piece's",
        arguments: [0, 1, 65_535, 65_536, 65_537])
    func readsLengths(length: Int) throws {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        try DurableFiles.replace(folder("a"), bytes)
        #expect(try DurableFiles.read(folder("a"), limit: length) == bytes)
        #expect(try DurableFiles.read(folder("a"), limit: 1 << 20) == bytes)
    }

    @Test("read stops at its limit")
    func read() throws {
        try folder.write("a", "12345")
        #expect(try DurableFiles.read(folder("a"), limit: 5) == Array("12345".utf8))
        #expect(code { _ = try DurableFiles.read(folder("a"), limit: 4) } == EFBIG)
        #expect(code { _ = try DurableFiles.read(folder("b")) } == ENOENT)
    }

    @Test("exists sees files, folders and dangling links")
    func exists() throws {
        #expect(!DurableFiles.exists(folder("a")))
        #expect(symlink("nowhere", folder("a")) == 0)
        #expect(DurableFiles.exists(folder("a")))
        #expect(!DurableFiles.isFolder(folder("a")))
        #expect(DurableFiles.exists(folder.path))
        #expect(DurableFiles.isFolder(folder.path))
    }

    @Test("A failure tells the call, the path, the cause and, where there is one, the remedy")
    func messages() {
        let full = FileError(operation: "write", path: "/d/f", code: ENOSPC).description
        #expect(full.hasPrefix("/d/f: write failed: No space left on device"))
        #expect(full.contains("free some space"))
        let other = FileError(operation: "open", path: "/d/f", code: ENOENT).description
        #expect(other == "/d/f: open failed: No such file or directory")
    }
}
