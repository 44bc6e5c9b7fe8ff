import AuditLog
import DurableFiles
import Locks
import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("Words handed to a daemon")
struct ResolutionSpoolTests {
    private let word = Resolution(
        word: .payout(controlNumber: "SKY9900000001", .paid), reason: "ticket 7", by: "Ana")

    @Test("A word is worked on once and its answer read once; one withdrawn is never worked on")
    func once() async throws {
        let temporary = try TemporarySite()
        let spool = ResolutionSpool(folder: temporary.site.resolutions)
        #expect(!spool.isWaiting)
        let givers = [try spool.put(word, id: "a"), try spool.put(word, id: "b")]
        #expect(spool.isWaiting)
        #expect(try spool.withdraw("b"))
        #expect(try spool.takeAnswer("a") == nil)
        var heard: [Resolution] = []
        let report = ResolutionReport(.allDone, "resolved as paid", state: "paid")
        for _ in 1...2 {
            try await spool.answerAll {
                heard.append($0)
                return report
            }
        }
        #expect(heard == [word])
        #expect(try !spool.withdraw("a"), "it was taken")
        #expect(try spool.takeAnswer("a") == report)
        #expect(try spool.takeAnswer("a") == nil)
        for giver in givers { spool.forget(giver) }
        #expect(try OpenFolder(site: temporary.site.resolutions).names(limit: 9).isEmpty)
    }

    @Test("A word whose giver has died is thrown away, not carried out later")
    func giverDied() async throws {
        let temporary = try TemporarySite()
        let spool = ResolutionSpool(folder: temporary.site.resolutions)
        // What the kernel does when a process ends, however it ends.
        do { _ = try spool.put(word, id: "a") }
        #expect(spool.isWaiting)
        try await spool.answerAll { _ in
            Issue.record("nobody waits for it")
            return ResolutionReport(.usage, "")
        }
        #expect(!spool.isWaiting)
        #expect(try OpenFolder(site: temporary.site.resolutions).names(limit: 9).isEmpty)
    }

    @Test("Words are taken in the order in which they were given")
    func ordered() async throws {
        let temporary = try TemporarySite()
        let spool = ResolutionSpool(folder: temporary.site.resolutions)
        var (givers, heard): ([ResolutionSpool.Left], [String]) = ([], [])
        for number in 1...12 {
            let time = (Int64(1_795_190_400 + number / 4), Int32(number % 4 * 999))
            var word = word
            word.reason = "ticket \(number)"
            givers.append(
                try spool.put(word, id: ResolutionSpool.id(at: time, random: UInt64(99 - number))))
        }
        try await spool.answerAll {
            heard.append($0.reason)
            return ResolutionReport(.allDone, "")
        }
        #expect(heard == (1...12).map { "ticket \($0)" })
        withExtendedLifetime(givers) {}
    }

    @Test("What is no word, is too long, or is refused by the log is told back, and stops nobody")
    func unreadable() async throws {
        let temporary = try TemporarySite()
        let spool = ResolutionSpool(folder: temporary.site.resolutions)
        let givers = try ["a", "b", "c"].map { try spool.put(word, id: $0) }
        let texts = ["{}", String(repeating: "x", count: ResolutionSpool.maxBytes + 1)]
        for (id, text) in zip(["a", "b"], texts) {
            try DurableFiles.replace(
                temporary.site.resolutions + "/\(id).json", Array(text.utf8))
        }
        try await spool.answerAll { _ in throw AuditLogError(.refused, "a card number") }
        for id in ["a", "b", "c"] { #expect(try spool.takeAnswer(id)?.status == .usage, "\(id)") }
        withExtendedLifetime(givers) {}
    }

    @Test("What a crash left behind is thrown away")
    func cleared() async throws {
        let temporary = try TemporarySite()
        let spool = ResolutionSpool(folder: temporary.site.resolutions)
        struct Crash: Error {}
        let givers = try ["a", "b"].map { try spool.put(word, id: $0) }
        await #expect(throws: Crash.self) { try await spool.answerAll { _ in throw Crash() } }
        spool.clear()
        withExtendedLifetime(givers) {}
        try await spool.answerAll { _ in
            Issue.record("nothing is left")
            return ResolutionReport(.usage, "")
        }
    }
}
