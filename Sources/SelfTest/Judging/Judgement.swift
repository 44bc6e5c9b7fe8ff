import Crypto

/// What the evidence comes to: findings, and figures for people.
struct Judgement: Sendable {
    /// Everything that is wrong; empty when the promises hold.
    var findings: [Finding]
    var figures: Figures

    /// Judges a site that has settled. Pure: no file is read, no clock asked.
    init(_ evidence: Evidence) {
        var story = RecordedStory()
        for event in evidence.events { story.take(event) }
        var files = FileCheck(evidence, story)
        files.run()
        var money = MoneyCheck(evidence, story)
        money.run()
        var responses = ResponseCheck(evidence, story)
        responses.run()
        var requests = RequestCheck(evidence, story)
        requests.run()
        var counter = CounterCheck(evidence, story)
        counter.run()
        findings =
            money.findings + requests.findings + counter.findings + files.findings
            + responses.findings
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

    /// Batches, reports of the provider's, and messages of counters that were dropped.
    var batches = 0
    var callbacks = 0
    var counterMessages = 0
    /// Orders and transfers by action and end.
    var requestEnds: [String: [String: Int]] = [:]
    /// Payouts registered for counters, and booked as paid there.
    var registered = 0
    var booked = 0
    /// Payouts in the batches.
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

    init(_ evidence: Evidence, _ story: RecordedStory) {
        for file in evidence.dropped {
            switch file.kind {
            case .callback: callbacks += 1
            case .inquiry, .payment: counterMessages += 1
            case .batch, .wrong:
                batches += 1
                for row in file.rows { dropped += row.centavos }
            case .orders, .transfers, .registration: batches += 1
            }
        }
        for request in story.requests.values {
            requestEnds[request.action, default: [:]][request.standing, default: 0] += 1
        }
        registered = story.accepted.values.reduce(0) { $0 + ($1.isRegistration ? $1.count : 0) }
        booked = story.booked.count
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
