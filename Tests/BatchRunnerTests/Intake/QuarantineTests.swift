import DurableFiles
import Foundation
import Glibc
import Testing

@testable import BatchRunner

@Suite("Quarantine")
struct QuarantineTests {
    static let fileID = "20261121-000007"

    @Test("a link, a pipe, a folder and an oddly named file are moved as they are")
    func moves() throws {
        let temporary = try TemporarySite()
        let inbox = temporary.site.inbox
        try #require(symlink("/etc/hostname", "\(inbox)/l") == 0)
        try #require(mkfifo("\(inbox)/p", 0o600) == 0)
        try DurableFiles.makeFolder("\(inbox)/f.csv")
        try temporary.drop("f.csv/inner", "x")
        try temporary.drop("odd\nname", "x")
        let quarantine = Quarantine(site: temporary.site)
        for (number, entry) in try temporary.entries().enumerated() {
            #expect(entry.refusal != nil)
            let outcome = try quarantine.move(entry, as: "20261121-00000\(number)")
            guard case .moved(let path) = outcome else {
                Issue.record("\(entry.name.shown): \(outcome)")
                continue
            }
            #expect(DurableFiles.exists(path))
            #expect(path.hasSuffix("-\(entry.name.escaped)"))
        }
        #expect(try temporary.names("inbox") == [".claimed"])
        #expect(try temporary.names("state/quarantine").count == 4)
        let moved = try temporary.names("state/quarantine")
        #expect(moved.contains { $0.hasSuffix("-odd%0Aname") })
    }

    @Test("moving again after a crash finds what was moved")
    func again() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a~2", "x")
        let entry = try temporary.entry("a~2")
        var quarantine = Quarantine(site: temporary.site)
        quarantine.afterStep = { _ throws(SiteFault) in throw crash }
        #expect(throws: crash) { try quarantine.move(entry, as: Self.fileID) }
        quarantine.afterStep = { _ in }
        let path = "\(temporary.site.quarantine)/\(Self.fileID)-a%7E2"
        #expect(try quarantine.move(entry, as: Self.fileID) == .movedBefore(path))
    }

    @Test("a crash before the move is mended from the journalled name and identity")
    func recovers() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a~2", "x")
        let entry = try temporary.entry("a~2")
        let quarantine = Quarantine(site: temporary.site)
        let scan = try InboxScanner(site: temporary.site).scan()
        func recover(_ name: String) throws -> Quarantine.Outcome {
            try quarantine.recover(
                fileID: Self.fileID, sender: "", shownName: name, identity: entry.identity,
                in: scan)
        }
        #expect(entry.name.shown == "a%7E2")
        #expect(try recover("other") == .vanished)
        #expect(
            try recover("a%7E2")
                == .moved("\(temporary.site.quarantine)/\(Self.fileID)-a%7E2"))
        #expect(try temporary.names("inbox") == [".claimed"])
    }

    @Test("after a crash a newer file with the name and the inode is not moved in its place")
    func reusedInode() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a~2", "x")
        let entry = try temporary.entry("a~2")
        // Written over in place it keeps the inode, as the next file may get a free one.
        try temporary.drop("a~2", "newer")
        let quarantine = Quarantine(site: temporary.site)
        let outcome = try quarantine.recover(
            fileID: Self.fileID, sender: "", shownName: "a%7E2", identity: entry.identity,
            in: InboxScanner(site: temporary.site).scan())
        #expect(outcome == .vanished)
        #expect(try quarantine.move(entry, as: Self.fileID) == .vanished)
        #expect(try temporary.text("inbox/a~2") == "newer")
    }

    @Test("after a crash a file with another mode and a folder with more in it are still the same")
    func touched() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a~2", "x")
        try DurableFiles.makeFolder("\(temporary.site.inbox)/f.csv")
        let entries = try temporary.entries()
        try #require(chmod("\(temporary.site.inbox)/a~2", 0o640) == 0)
        try temporary.drop("f.csv/inner", "x")
        for (number, entry) in entries.enumerated() {
            let outcome = try Quarantine(site: temporary.site).recover(
                fileID: "20261121-00000\(number)", sender: "", shownName: entry.name.shown,
                identity: entry.identity, in: InboxScanner(site: temporary.site).scan())
            if case .moved = outcome { continue }
            Issue.record("\(entry.name.shown): \(outcome)")
        }
        #expect(try temporary.names("inbox") == [".claimed"])
    }

    @Test("another file under the name is not moved in its place")
    func replaced() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a~2", "x")
        let entry = try temporary.entry("a~2")
        try temporary.replaceInInbox("a~2", "other")
        let quarantine = Quarantine(site: temporary.site)
        #expect(try quarantine.move(entry, as: Self.fileID) == .vanished)
        #expect(try temporary.text("inbox/a~2") == "other")
        #expect(try temporary.names("state/quarantine").isEmpty)
    }

    @Test(
        "what may not leave its folder is hidden there, and not scanned again",
        arguments: [EXDEV, EACCES, EROFS, EIO])
    func hidden(_ error: Int32) throws {
        let temporary = try TemporarySite()
        try DurableFiles.makeFolder(temporary.site.inbox(of: "acme"))
        try temporary.drop("acme/a~2", "x")
        let entry = try temporary.entry("a~2", sender: "acme")
        var quarantine = Quarantine(site: temporary.site)
        quarantine.renamingFails = { $0.hasPrefix(".") ? 0 : error }
        let path = "\(temporary.site.inbox)/acme/.quarantined-\(Self.fileID)-a%7E2"
        #expect(try quarantine.move(entry, as: Self.fileID) == .moved(path))
        #expect(try quarantine.move(entry, as: Self.fileID) == .movedBefore(path))
        #expect(try temporary.entries().isEmpty)
        #expect(try temporary.text("inbox/acme/.quarantined-\(Self.fileID)-a%7E2") == "x")
    }

    @Test("what cannot be moved at all stays, and that is told instead of thrown")
    func immovable() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a~2", "x")
        var quarantine = Quarantine(site: temporary.site)
        quarantine.renamingFails = { _ in EPERM }
        let entry = try temporary.entry("a~2")
        #expect(try quarantine.move(entry, as: Self.fileID) == .immovable(EPERM))
        #expect(try temporary.entry("a~2") == entry)
    }

    @Test("a name as long as the file system allows still fits")
    func longName() throws {
        let temporary = try TemporarySite()
        let name = String(repeating: "é", count: 127)
        try temporary.drop(name, "x")
        let outcome = try Quarantine(site: temporary.site).move(
            temporary.entry(name), as: Self.fileID)
        guard case .moved = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try temporary.names("inbox") == [".claimed"])
    }
}
