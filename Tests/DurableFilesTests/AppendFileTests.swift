import DurableFiles
import Foundation
import Testing

@Suite("A file that only grows")
struct AppendFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("It appends, knows its length, and is opened again at its end")
    func appends() throws {
        let file = try AppendFile(path: folder("a"), createMode: 0o600)
        #expect(file.length == 0)
        try file.append(Array("one".utf8))
        try file.append([])
        try file.sync()
        #expect(file.length == 3)
        #expect(try folder.mode("a") == 0o600)
        let again = try AppendFile(path: folder("a"))
        #expect(again.length == 3)
        try again.append(Array("two".utf8))
        #expect(try folder.text("a") == "onetwo")
    }

    @Test("A new one must not exist, an old one must; a link is neither")
    func opening() throws {
        #expect(code { _ = try AppendFile(path: folder("a")) } == ENOENT)
        try folder.write("a", "x")
        #expect(code { _ = try AppendFile(path: folder("a"), createMode: 0o600) } == EEXIST)
        #expect(symlink(folder("a"), folder("link")) == 0)
        #expect(code { _ = try AppendFile(path: folder("link")) } == ELOOP)
    }

    @Test("Cutting, then appending, goes on at the cut")
    func truncating() throws {
        try folder.write("a", "0123456789")
        let file = try AppendFile(path: folder("a"))
        try file.truncate(to: 4)
        #expect(file.length == 4)
        try file.append(Array("x".utf8))
        #expect(file.length == 5)
        #expect(try folder.text("a") == "0123x")
    }

    @Test("After a failed write every later call fails for good, with the same error")
    func failsForGood() throws {
        // Its writes fail with ENOSPC, whatever the disk.
        let file = try AppendFile(path: "/dev/full")
        #expect(code { try file.append([1]) } == ENOSPC)
        #expect(code { try file.sync() } == ENOSPC)
        #expect(code { try file.append([]) } == ENOSPC)
        #expect(code { try file.truncate(to: 0) } == ENOSPC)
        file.close()
        #expect(code { try file.sync() } == ENOSPC)
    }

    @Test("After a failed sync every later call fails for good")
    func failedSync() throws {
        // A terminal-like device cannot be synced: fdatasync gives EINVAL.
        let file = try AppendFile(path: "/dev/null")
        try file.append([1])
        #expect(code { try file.sync() } == EINVAL)
        #expect(code { try file.append([1]) } == EINVAL)
    }

    @Test("After close every call fails")
    func closed() throws {
        let file = try AppendFile(path: folder("a"), createMode: 0o600)
        file.close()
        #expect(code { try file.append([1]) } == EBADF)
        #expect(code { try file.sync() } == EBADF)
        #expect(try folder.text("a") == "")
    }

    @Test("It notices that its name is gone, or names another file")
    func isStillAt() throws {
        let file = try AppendFile(path: folder("a"), createMode: 0o600)
        #expect(file.isStillAt(folder("a")))
        #expect(rename(folder("a"), folder("b")) == 0)
        #expect(!file.isStillAt(folder("a")))
        #expect(file.isStillAt(folder("b")))
        try folder.write("a", "")
        #expect(!file.isStillAt(folder("a")))
        #expect(unlink(folder("b")) == 0)
        #expect(symlink(folder("a"), folder("b")) == 0)
        #expect(!file.isStillAt(folder("b")))
    }
}

@Suite("The lock of a folder")
struct FolderLockTests {
    @Test("A second holder is refused until the first lets go")
    func excludes() throws {
        let folder = try TemporaryFolder()
        var first = try FolderLock(path: folder("lock"))
        #expect(first != nil)
        #expect(try FolderLock(path: folder("lock")) == nil)
        #expect(try FolderLock(path: folder("other")) != nil)
        first = nil
        #expect(try FolderLock(path: folder("lock")) != nil)
    }

    /// The descriptors of this process that are open on `path`.
    private func descriptors(of path: String) throws -> [Int32] {
        let links = FileManager.default
        return try links.contentsOfDirectory(atPath: "/proc/self/fd").filter {
            (try? links.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)) == path
        }.compactMap { Int32($0) }
    }

    @Test("Being refused costs no descriptor")
    func refusalsLeakNothing() throws {
        let folder = try TemporaryFolder()
        let path = folder("lock")
        let held = try #require(try FolderLock(path: path))
        for _ in 0..<50 { #expect(try FolderLock(path: path) == nil) }
        #expect(try descriptors(of: path).count == 1)
        withExtendedLifetime(held) {}
    }

    @Test("It ends with its holder, though a child being spawned has a copy of its descriptor")
    func copies() throws {
        let folder = try TemporaryFolder()
        let path = folder("lock")
        var held = try FolderLock(path: path)
        #expect(held != nil)
        let copy = dup(try #require(try descriptors(of: path).first))
        defer { close(copy) }
        held = nil
        #expect(try FolderLock(path: path) != nil)
    }

    @Test("One that is refused takes nothing from its holder")
    func refused() throws {
        let folder = try TemporaryFolder()
        let held = try #require(try FolderLock(path: folder("lock")))
        #expect(try FolderLock(path: folder("lock")) == nil)
        #expect(FolderLock.isHeld(path: folder("lock")))
        withExtendedLifetime(held) {}
    }

    @Test("A link is not a lock, nor is a folder that is not there")
    func wrongPlaces() throws {
        let folder = try TemporaryFolder()
        #expect(symlink(folder("lock"), folder("link")) == 0)
        #expect(throws: FileError.self) { try FolderLock(path: folder("link")) }
        #expect(throws: FileError.self) { try FolderLock(path: folder("none/lock")) }
    }
}
