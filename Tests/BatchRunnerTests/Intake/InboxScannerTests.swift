import DurableFiles
import Foundation
import Glibc
import Testing

@testable import BatchRunner

@Suite("Scanning the inbox")
struct InboxScannerTests {
    @Test("the inbox and the senders' folders are listed, deeper ones are not")
    func levels() throws {
        let temporary = try TemporarySite()
        try DurableFiles.makeFolder(temporary.site.resolve("inbox/acme/deep"))
        try temporary.drop("a.csv", "a")
        try temporary.drop("acme/b.csv", "b")
        try temporary.drop("acme/deep/c.csv", "c")
        try temporary.drop(".hidden", "h")
        try temporary.drop("acme/d.csv.part", "d")
        let scan = try InboxScanner(site: temporary.site).scan()
        let found = Set(scan.entries.map { "\($0.sender)/\($0.name.shown)" })
        #expect(found == ["/a.csv", "acme/b.csv", "acme/deep"])
        #expect(scan.senders == ["acme"])
        #expect(!scan.isCut)
    }

    @Test("the runner's own corner of the inbox is never listed")
    func ownCorner() throws {
        let temporary = try TemporarySite()
        try temporary.drop(".claimed/20261121-000001~~a.csv", "a")
        #expect(try temporary.entries().isEmpty)
    }

    @Test("where a sender's owner is set, another user's files are refused, and other senders' not")
    func owners() throws {
        let temporary = try TemporarySite()
        try DurableFiles.makeFolder(temporary.site.resolve("inbox/acme"))
        try temporary.drop("acme/a.csv", "a")
        try temporary.drop("b.csv", "b")
        func refusals(_ owner: UInt32) throws -> [String?] {
            try InboxScanner(site: temporary.site, owners: ["acme": owner]).scan().entries
                .sorted { $0.sender < $1.sender }.map(\.refusal)
        }
        #expect(try refusals(getuid()) == [nil, nil])
        let other = try refusals(getuid() + 1)
        #expect(other[0] == nil)
        #expect(other[1]?.contains("belongs to user \(getuid())") == true)
    }

    @Test("what is no plain file with one link and a sane name has a reason")
    func refusals() throws {
        let temporary = try TemporarySite()
        let inbox = temporary.site.inbox
        try temporary.drop("plain", "x")
        try temporary.drop("one", "x")
        try #require(link("\(inbox)/one", "\(inbox)/two") == 0)
        try #require(symlink("/etc/hostname", "\(inbox)/link") == 0)
        try #require(symlink("nowhere", "\(inbox)/dangling") == 0)
        try #require(mkfifo("\(inbox)/pipe", 0o600) == 0)
        try DurableFiles.makeFolder("\(inbox)/folder.csv")
        try DurableFiles.makeFolder("\(inbox)/default")
        try temporary.drop("large", "")
        try #require(truncate("\(inbox)/large", off_t(InboxEntry.maxFileBytes) + 1) == 0)
        try temporary.drop("largest", "")
        try #require(truncate("\(inbox)/largest", off_t(InboxEntry.maxFileBytes)) == 0)
        let reasons = try temporary.entries().reduce(into: [String: String]()) {
            $0[$1.name.shown] = $1.refusal ?? "taken"
        }
        #expect(reasons["plain"] == "taken")
        #expect(reasons["largest"] == "taken")
        let expected = [
            "one": "2 links", "two": "2 links", "link": "symbolic link",
            "dangling": "symbolic link", "pipe": "named pipe", "folder.csv": "a folder",
            "default": "a folder", "large": "larger than 512 MiB",
        ]
        for (name, reason) in expected {
            #expect(reasons[name]?.contains(reason) == true, "\(name)")
        }
        #expect(reasons.count == expected.count + 2)
    }

    @Test("a sender's folder that is a link is an entry to refuse, not a way out of the inbox")
    func linkedFolder() throws {
        let temporary = try TemporarySite()
        try #require(symlink("/etc", temporary.site.resolve("inbox/acme")) == 0)
        let scan = try InboxScanner(site: temporary.site).scan()
        #expect(scan.senders.isEmpty)
        #expect(scan.entries.map(\.status.kind) == [.link])
    }

    @Test("a file that the runner may not read has a reason, and may become readable")
    func unreadable() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a", "x")
        var entry = try temporary.entry("a")
        #expect(entry.refusal == nil)
        entry.isReadable = false
        #expect(entry.refusal?.contains("may not read") == true)
        // The superuser reads everything; anyone else must find the file unreadable.
        try #require(chmod(temporary.site.resolve("inbox/a"), 0) == 0)
        #expect(try temporary.entry("a").isReadable == (geteuid() == 0))
    }

    @Test("names that are not text are listed byte for byte")
    func rawNames() throws {
        let temporary = try TemporarySite()
        let inbox = try OpenFolder(site: temporary.site.inbox)
        let name = RawName(bytes: [0x61, 0xFF, 0x62])
        let descriptor = name.withCString {
            openat(inbox.descriptor, $0, O_CREAT | O_WRONLY, 0o600)
        }
        // Some file systems accept only UTF-8; then there is nothing to list.
        guard descriptor >= 0 else { return }
        close(descriptor)
        #expect(try temporary.entries().map(\.name) == [name])
        #expect(try temporary.entries().first?.name.shown == "a%FFb")
    }

    @Test("a scan stops at its limit and says so")
    func limit() throws {
        let temporary = try TemporarySite()
        for number in 1...5 { try temporary.drop("f\(number)", "x") }
        var scanner = InboxScanner(site: temporary.site, limit: 5)
        #expect(try scanner.scan().entries.count == 5)
        #expect(try !scanner.scan().isCut)
        scanner.limit = 4
        #expect(try scanner.scan().entries.count == 4)
        #expect(try scanner.scan().isCut)
    }

    @Test("a folder that holds too much hides no other sender's files, and is named")
    func crowded() throws {
        let temporary = try TemporarySite()
        for sender in ["acme", "beta"] {
            try DurableFiles.makeFolder(temporary.site.inbox(of: sender))
        }
        for number in 1...9 {
            try temporary.drop("f\(number)", "x")
            try temporary.drop("acme/a\(number)", "x")
        }
        try temporary.drop("beta/b1", "x")
        try temporary.drop("beta/b2", "x")
        let scan = try InboxScanner(site: temporary.site, limit: 2).scan()
        #expect(Set(scan.senders) == ["acme", "beta"])
        let counts = Dictionary(grouping: scan.entries, by: \.sender).mapValues(\.count)
        #expect(counts == ["": 2, "acme": 2, "beta": 2])
        #expect(Set(scan.cutSenders) == ["", "acme"])
        let problems = IntakeDesk.Look(crowded: scan.cutSenders).problems
        #expect(problems.contains { $0.hasPrefix("inbox/acme holds more") })
        #expect(problems.contains { $0.hasPrefix("inbox holds more") })
    }

    @Test("the oldest contents come first")
    func order() throws {
        let temporary = try TemporarySite()
        for (name, seconds) in [("late", 300), ("early", 100), ("middle", 200)] {
            try temporary.drop(name, "x")
            let time = timespec(tv_sec: seconds, tv_nsec: 0)
            let path = temporary.site.resolve("inbox/\(name)")
            try #require(utimensat(AT_FDCWD, path, [time, time], 0) == 0)
        }
        #expect(try temporary.entries().map(\.name.shown) == ["early", "middle", "late"])
    }

    @Test("an inbox that is gone is a fault, not an empty inbox")
    func missing() throws {
        let temporary = try TemporarySite()
        try FileManager.default.removeItem(atPath: temporary.site.inbox)
        let fault = #expect(throws: SiteFault.self) { try temporary.entries() }
        #expect(fault?.code == .inboxUnreadable)
    }
}
