import Crypto

/// What the evidence comes to: findings, and figures for people.
struct Judgement: Sendable {
    /// Everything that is wrong; empty when the promises hold.
    var findings: [Finding]
    var figures: Figures

    /// Judges a site that has settled. Pure: no file is read, no clock asked.
    init(_ evidence: Evidence) {
        var story = LogStory()
        for event in evidence.events { story.take(event) }
        var files = FileCheck(evidence, story)
        files.run()
        var money = MoneyCheck(evidence, story)
        money.run()
        var responses = ResponseCheck(evidence, story)
        responses.run()
        findings = money.findings + files.findings + responses.findings
        figures = Figures(evidence, story)
    }

    /// Findings of one kind.
    func count(_ harm: Finding.Harm) -> Int { findings.filter { $0.harm == harm }.count }
}

/// What was counted.
struct Figures: Sendable, Equatable {
    /// So many, and so much.
    struct Sum: Sendable, Equatable {
        var rows = 0
        var centavos: Int64 = 0

        static func += (sum: inout Sum, centavos: Int64) {
            sum.rows += 1
            sum.centavos += centavos
        }
    }

    /// Batches and reports of the provider's that were dropped.
    var batches = 0
    var callbacks = 0
    /// Rows in the batches.
    var dropped = Sum()
    /// Rows that were taken.
    var taken = Sum()
    /// Rows by their end.
    var ends: [String: Sum] = [:]
    /// Requests for payouts that reached the provider.
    var requests = 0
    /// What the provider moved: payouts, and money.
    var moved = Sum()
    /// Answers that were lost or spoilt, and sendings that a kill interrupted.
    var unanswered = 0
    var interrupted = 0
    /// Times the provider was asked about a payout.
    var questions = 0
    /// Events in the audit log.
    var events = 0
    /// Responses in the outbox.
    var responses = 0

    init(_ evidence: Evidence, _ story: LogStory) {
        for file in evidence.dropped {
            if file.kind == .callback { callbacks += 1 } else { batches += 1 }
            for row in file.rows { dropped += row.centavos }
        }
        for row in story.rows.values {
            taken += row.centavos ?? 0
            ends[row.standing, default: Sum()] += row.centavos ?? 0
        }
        for payout in evidence.provider.payouts.values {
            requests += payout.requests.count
            for centavos in payout.moved { moved += centavos }
        }
        unanswered = story.unanswered
        interrupted = story.interrupted
        questions = story.counts["payout.queried"] ?? 0
        events = evidence.events.count
        responses = evidence.outbox.count
    }
}

/// SHA-256 as text.
enum SHA256Text {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Lower-case hexadecimal.
    static func of(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for byte in SHA256.hash(data: bytes) {
            text += [digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
