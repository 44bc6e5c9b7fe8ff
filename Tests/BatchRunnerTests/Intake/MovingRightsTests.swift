import DurableFiles
import Glibc
import Testing

@testable import BatchRunner

@Suite("Whether files can be moved out of a sender's folder")
struct MovingRightsTests {
    private static let runner: UInt32 = 990
    private static let sender: UInt32 = 1_001

    private static func hindrance(
        _ refusal: Int32 = 0, permissions: UInt32 = 0o2770,
        owner: UInt32 = MovingRightsTests.sender, fileOwner: UInt32 = MovingRightsTests.sender,
        user: UInt32 = MovingRightsTests.runner
    ) -> String? {
        MovingRights(
            folder: "inbox/acme", refusal: refusal, permissions: permissions, owner: owner,
            user: user
        ).hindrance(fileOwner: fileOwner)
    }

    @Test(
        "A folder that may not be written makes its files wait, and says what to do",
        arguments: [(EACCES, "chmod 2770"), (EPERM, "chmod 2770"), (EROFS, "read-only")])
    func refused(_ error: Int32, _ word: String) {
        #expect(Self.hindrance(error)?.contains(word) == true)
        #expect(Self.hindrance(error)?.contains("inbox/acme") == true)
    }

    @Test("A sticky folder gives its files to their owner, the folder's, and the superuser only")
    func sticky() {
        #expect(Self.hindrance() == nil)
        #expect(Self.hindrance(permissions: 0o3770)?.contains("chmod -t") == true)
        #expect(Self.hindrance(permissions: 0o3770, owner: Self.runner) == nil)
        #expect(Self.hindrance(permissions: 0o3770, fileOwner: Self.runner) == nil)
        #expect(Self.hindrance(permissions: 0o3770, user: 0) == nil)
    }

    @Test("What cannot be asked stands in nobody's way")
    func unknown() { #expect(Self.hindrance(ENOSYS) == nil) }

    @Test("The site's own inbox may be worked in", arguments: ["", "acme"])
    func ownInbox(_ sender: String) throws {
        let temporary = try TemporarySite()
        try DurableFiles.makeFolder(temporary.site.inbox(of: "acme"))
        try temporary.drop(sender.isEmpty ? "a" : "acme/a", "x")
        let offer = InboxOffer(file: try temporary.entry("a", sender: sender), side: nil)
        #expect(try Claims(site: temporary.site).hindrance(to: offer) == nil)
    }

    @Test("The same bytes dropped again with time and inode of a claimed file are no left original")
    func droppedAgain() {
        let claimed = FileIdentity(device: 1, inode: 2, size: 3, modified: 40, changed: 50)
        #expect(LeftOriginals.isOriginal(claimed, of: claimed, born: nil))
        var entry = claimed
        entry.changed = 70
        #expect(LeftOriginals.isOriginal(entry, of: claimed, born: 45), "its mode was changed")
        #expect(!LeftOriginals.isOriginal(entry, of: claimed, born: 60))
        #expect(!LeftOriginals.isOriginal(entry, of: claimed, born: nil))
        entry.size = 4
        #expect(!LeftOriginals.isOriginal(entry, of: claimed, born: 45))
    }
}
