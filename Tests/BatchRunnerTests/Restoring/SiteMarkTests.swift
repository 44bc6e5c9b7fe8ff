import DurableFiles
import Glibc
import Testing

@testable import BatchRunner

@Suite("The mark that a copy of the site cannot take over")
struct SiteMarkTests {
    private let temporary: TemporarySite
    private let clock = StandingClock(1_795_190_400)
    private var folder: String { temporary.site.mark }
    private var mark: SiteMark { SiteMark(folder: folder, clock: clock) }

    init() throws { temporary = try TemporarySite() }

    private func names() throws -> [String] {
        try OpenFolder(site: folder).names(limit: 10).compactMap(\.text).sorted()
    }

    /// As `cp` without options, which is the least a backup does: other files with the same bytes.
    private func copied() throws -> String {
        let other = temporary.site.resolve("copy")
        try DurableFiles.makeFolder(other)
        for name in try names() {
            try DurableFiles.createOnce(
                "\(other)/\(name)", DurableFiles.read("\(folder)/\(name)"))
        }
        return other
    }

    @Test("A site without a mark has none; a new mark is its own, start after start")
    func own() throws {
        #expect(try mark.look() == .missing)
        for _ in 0..<3 {
            try mark.renew(following: nil)
            #expect(try mark.look() == .own(lastSeen: 1_795_190_400))
            #expect(try names().count == 1)
        }
    }

    @Test("A copy is foreign, and says when the site it came from last worked")
    func foreign() throws {
        try mark.renew(following: nil)
        let other = try copied()
        #expect(
            try SiteMark(folder: other, clock: clock).look() == .foreign(lastSeen: 1_795_190_400))
    }

    @Test("A renamed folder, other modes and a second name leave the mark its own")
    func moved() throws {
        try mark.renew(following: nil)
        let name = try #require(try names().first)
        #expect(chmod("\(folder)/\(name)", 0o640) == 0)
        #expect(chown("\(folder)/\(name)", geteuid(), getegid()) == 0)
        #expect(link("\(folder)/\(name)", temporary.site.resolve("second")) == 0)
        let other = temporary.site.resolve("renamed")
        #expect(rename(folder, other) == 0)
        #expect(
            try SiteMark(folder: other, clock: clock).look() == .own(lastSeen: 1_795_190_400))
    }

    @Test("An older mark put beside the newer one is foreign, whatever inode it got")
    func putBack() throws {
        try mark.renew(following: nil)
        let name = try #require(try names().first)
        let bytes = try DurableFiles.read("\(folder)/\(name)")
        clock.advance(3_600)
        try mark.renew(following: nil)
        #expect(try names() != [name])
        try DurableFiles.createOnce("\(folder)/\(name)", bytes)
        #expect(try mark.look() == .foreign(lastSeen: 1_795_194_000))
        // Removed and made again at once, it may well get the inode it had.
        for left in try names() { try DurableFiles.remove("\(folder)/\(left)") }
        try DurableFiles.createOnce("\(folder)/\(name)", bytes)
        #expect(try mark.look() == .foreign(lastSeen: 1_795_190_400))
        try mark.renew(following: nil)
        #expect(try mark.look() == .own(lastSeen: 1_795_194_000))
    }

    @Test("What cannot be read counts as foreign; what a crash left unfinished does not count")
    func damaged() throws {
        try mark.renew(following: nil)
        try DurableFiles.createOnce("\(folder)/.new", [0x7B])
        #expect(try mark.look() == .own(lastSeen: 1_795_190_400))
        try DurableFiles.createOnce("\(folder)/1-1", [])
        #expect(try mark.look() == .foreign(lastSeen: 1_795_190_400))
        try mark.renew(following: nil)
        #expect(try mark.look() == .own(lastSeen: 1_795_190_400) && names().count == 1)
    }

    @Test(
        "It is renewed while the site works once a minute has gone by, and when the clock went back"
    )
    func renewed() throws {
        let mark = mark
        let stage = try LedgerStage()
        func renewal(after seconds: Int64) throws -> Bool {
            let before = try names()
            clock.advance(seconds)
            try mark.renewWhenOld(following: stage.ledger)
            return try names() != before
        }
        try mark.renew(following: nil)
        #expect(try !renewal(after: SiteMark.renewAfterSeconds - 1))
        #expect(try renewal(after: 1))
        #expect(try renewal(after: -10))
        #expect(try !renewal(after: 0))
    }
}

@Suite("The mark while something is sent")
struct SiteMarkSendingTests {
    /// Asks for three rows of one page: the second before a minute has gone by since the first, the third
    /// when it has.
    private func renewal(
        _ stage: SendingStage, _ next: () async throws -> Bool
    ) async throws {
        func names() throws -> [String] {
            try OpenFolder(site: stage.ledgerStage.temporary.site.mark).names(limit: 10)
                .compactMap(\.text)
        }
        var given = [try await next()]
        let first = try names()
        #expect(first.count == 1)
        stage.clock.advance(SiteMark.renewAfterSeconds - 1)
        given.append(try await next())
        #expect(try names() == first)
        stage.clock.advance(1)
        given.append(try await next())
        #expect(try names() != first, "a page of 500 rows may take minutes")
        #expect(given == [true, true, true])
    }

    private func mark(_ stage: SendingStage) -> SiteMark {
        SiteMark(folder: stage.ledgerStage.temporary.site.mark, clock: stage.clock)
    }

    @Test("Between two payouts of a page it is renewed once a minute has gone by")
    func payouts() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 3)
        let feed = RowFeed(
            ledger: stage.ledger, policy: stage.policy, clock: stage.clock, only: nil,
            mark: mark(stage))
        try await renewal(stage) { try await feed.next() != nil }
    }

    @Test("And so between two transfers")
    func transfers() async throws {
        let stage = try await SendingStage()
        for number in 1...3 {
            try await stage.takeTransfer(of: "10.00", as: "20261121-00000\(number)")
        }
        let feed = RequestFeed(
            ledger: stage.ledger, policy: stage.policy, clock: stage.clock, only: nil,
            mark: mark(stage))
        try await renewal(stage) { try await feed.next() != nil }
    }
}
