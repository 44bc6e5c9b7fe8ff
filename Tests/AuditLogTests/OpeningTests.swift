import DurableFiles
import Locks
import Testing

@testable import AuditLog

@Suite("Opening reads little, and trusts what was synced")
struct OpeningTests {
    @Test("The last notes of a long file are found from its end, torn or not")
    func noteTail() throws {
        let fixture = try LogFixture()
        let path = "\(fixture.root)/notes"
        let key = SigningKey(name: "auditlog.example/test")
        var bytes: [UInt8] = []
        for size in 1...600 {
            bytes += Array(try key.sign(size: UInt64(size), root: .empty).text.utf8)
        }
        for cut in [0, 1, 40, 100, 190] {
            try LogFixture.write(path, Array(bytes.dropLast(cut)))
            let tail = try NoteTail(path)
            let (notes, whole) = SignedCheckpoint.all(in: tail.bytes)
            #expect(tail.bytes.count <= 65_536 && tail.offset > 0)
            #expect(notes.last?.size == (cut == 0 ? 600 : 599))
            #expect((whole == tail.bytes.count) == (cut == 0))
            #expect(notes.count > 200)
        }
        let few = Array(bytes.prefix(400))
        try LogFixture.write(path, few)
        #expect(try NoteTail(path).offset == 0)
        #expect(try NoteTail(path).bytes == few)
    }

    @Test("A hash that survived without the hashes under it is not trusted")
    func treeAgreement() throws {
        let fixture = try LogFixture()
        let layout = LogLayout(directory: fixture.root)
        try DurableFiles.makeFolder(layout.tree)
        let children = (0..<512).map { TreeHash(leaf: [UInt8($0 & 255), UInt8($0 >> 8)]) }
        let parents = [
            TreeHash(over: Array(children[..<256])), TreeHash(over: Array(children[256...])),
        ]
        func write(_ level: Int, _ hashes: [TreeHash]) throws {
            try LogFixture.write(layout.tiles(level), hashes.flatMap(\.bytes))
        }
        try write(1, children)
        try write(2, parents)
        let size: UInt64 = 2 * 65_536
        #expect(TreeFiles.agree(layout, from: 0, to: size))
        var lost = children
        lost[300] = .empty
        try write(1, lost)
        #expect(!TreeFiles.agree(layout, from: 0, to: size))
        #expect(!TreeFiles.agree(layout, from: 65_536, to: size))
        #expect(TreeFiles.agree(layout, from: 0, to: size - 1))
        try write(1, Array(children[..<300]))
        #expect(!TreeFiles.agree(layout, from: 0, to: size))
    }

    @Test("A log that was closed in order is whole at every moment of being opened")
    func wholeWhileOpened() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        // More than a tile, and more than the tile that opening trusts.
        for part in 0..<3 {
            _ = try await log.append((0..<200).map { LogFixture.draft(part * 200 + $0) })
        }
        try await log.close()
        let files = VerifiedFiles(directory: fixture.log)
        try await fixture.open(files: files).close()
        #expect(files.lookedAt >= 2)
        #expect(files.findings == [])
    }
}

/// Verifies the whole log before each change of a file, up to the first new event.
private final class VerifiedFiles: LogFiles {
    private let directory: String
    private let state = Locked((lookedAt: 0, findings: [String](), isOver: false))

    init(directory: String) { self.directory = directory }

    var lookedAt: Int { state.withLock { $0.lookedAt } }
    var findings: [String] { state.withLock { $0.findings } }

    func open(_ path: String) throws(FileError) -> any LogFile {
        VerifiedFile(try SystemLogFiles().open(path), path, self)
    }

    func willChange(_ path: String) {
        state.withLock { state in
            if path.hasSuffix(".gz") { state.isOver = true }
            guard !state.isOver else { return }
            state.lookedAt += 1
            let report = Verifier(directory: directory).verify()
            if !report.isIntact { state.findings += ["before a change of \(path)"] + report.lines }
        }
    }
}

private final class VerifiedFile: LogFile {
    private let file: any LogFile
    private let path: String
    private let files: VerifiedFiles

    init(_ file: any LogFile, _ path: String, _ files: VerifiedFiles) {
        self.file = file
        self.path = path
        self.files = files
    }

    var length: Int64 { file.length }

    func append(_ bytes: [UInt8]) throws(FileError) {
        files.willChange(path)
        try file.append(bytes)
    }

    func sync() throws(FileError) {
        // What was changed before stands there now.
        files.willChange(path)
        try file.sync()
    }

    func truncate(to newLength: Int64) throws(FileError) {
        files.willChange(path)
        try file.truncate(to: newLength)
    }

    func isStillAt(_ path: String) -> Bool { file.isStillAt(path) }
}
