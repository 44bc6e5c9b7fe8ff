import DurableFiles
import OrderedJSON
import Testing

@testable import AuditLog

/// A log of sealed segments and an open one, and an oracle that reads every event.
struct SearchedLog {
    let fixture: LogFixture
    let root: String
    var layout: LogLayout { LogLayout(directory: fixture.log) }

    /// Segments of `sizes` drafts each; the last is not sealed.
    init(_ sizes: [Int], seed: UInt64 = 11) async throws {
        fixture = try LogFixture()
        root = try fixture.create(reserved: [])
        let log = try await fixture.open()
        var drafts = paymentDrafts(sizes.reduce(0, +), seed: seed)[...]
        for (place, size) in sizes.enumerated() {
            _ = try await log.append(Array(drafts.prefix(size)))
            drafts = drafts.dropFirst(size)
            if place + 1 < sizes.count { _ = try await log.seal() }
        }
        try await log.close()
    }

    init(copying other: SearchedLog) throws {
        fixture = try other.fixture.copy()
        root = other.root
    }

    func search(_ query: AuditQuery) throws -> (found: [UInt64], account: SearchAccount) {
        var found: [UInt64] = []
        let account = try AuditReader(directory: fixture.log)
            .search(query, key: VerificationKey(root)) { found.append($0.sequence) }
        return (found, account)
    }

    func expected(_ query: AuditQuery) throws -> [UInt64] {
        try fixture.events().filter { query.matches($0, line: $0.bytes) }.map(\.sequence)
    }

    /// Queries of every kind, some of which find nothing.
    static func queries() -> [AuditQuery] {
        let changes: [(inout AuditQuery) -> Void] = [
            { $0.subject = [("controlNumber", "SKY7")] },
            { $0.subject = [("controlNumber", "SKY7"), ("file", "batch 3.csv")] },
            { $0.subject = [("controlNumber", "SKY999")] },
            { $0.subject = [("batch", "2")] },
            { $0.subject = [("reference", "true")] },
            { $0.subject = [("line", "17")] },
            { $0.type = "payout." },
            { $0.type = "auditlog.sealed" },
            { $0.type = "payout" },
            { $0.actor = "the \"night\" shift\n" },
            { $0.outcome = .failure },
            { $0.pseudonym = pseudonym(9) },
            { $0.pseudonym = pseudonym(109) },
            { $0.text = "batch 1.csv" },
            { $0.from = "2026-11-21T08:00:00.1" },
            { $0.to = "2026-11-21T08:00:00.09" },
            { $0.from = "2027" },
            {
                $0.type = "payout."; $0.to = "2026-11-21"
            },
            { _ in },
        ]
        return changes.map { change in
            var query = AuditQuery()
            change(&query)
            return query
        }
    }
}
