import DurableFiles
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
}
