import AuditLog
import OrderedJSON
import Synchronization

/// Payment events as the runner writes them (docs/events.md): for every control number `intended`,
/// `accepted`, `queried` and `paid`, about 350 bytes a line, many numbers under way at once. What is
/// random in life is random here, from a fixed seed: control numbers, references, body hashes.
struct PaymentEvents {
    /// Payouts in flight when the next is sent.
    private static let flightRows = 8
    /// Payouts until SkyPay is asked about one.
    private static let queryRows = 400
    private static let rowsOfBatch = 5_000

    /// Numbers remembered: more than are under way.
    private static let rememberedRows = 512

    private var random: SeededRandom
    private var numbers = [String](repeating: "", count: rememberedRows)
    private var references = [String](repeating: "", count: rememberedRows)
    private var sent = 0
    private var step = 0

    /// The stream number `seed`; equal seeds give equal events.
    init(seed: UInt64) { random = SeededRandom(state: seed) }

    /// The control number last sent.
    var newestNumber: String { numbers[max(0, sent - 1) % Self.rememberedRows] }

    /// The next event.
    mutating func next() -> EventDraft {
        defer { step += 1 }
        switch step % 4 {
        case 1 where sent > Self.flightRows: return accepted(sent - 1 - Self.flightRows)
        case 2 where sent > Self.queryRows: return queried(Self.mixed(sent - 1 - Self.queryRows))
        case 3 where sent > Self.queryRows: return paid(Self.mixed(sent - 1 - Self.queryRows))
        default: return intended()
        }
    }

    /// Answers come in any order: each row of 64 once, far from its neighbours.
    private static func mixed(_ row: Int) -> Int { row & ~63 | (row &* 37 &+ row >> 6 &* 11) & 63 }

    private mutating func intended() -> EventDraft {
        numbers[sent % Self.rememberedRows] = "SKY99\(digits(10))"
        references[sent % Self.rememberedRows] = "SP\(hexadecimal(16))"
        sent += 1
        return draft(
            "payout.intended", sent - 1,
            ["source": "answer", "bodySha256": .string(hexadecimal(32)), "attempt": 1])
    }

    private mutating func accepted(_ row: Int) -> EventDraft {
        draft(
            "payout.accepted", row,
            ["source": "answer", "code": "1000", "description": "Request accepted"],
            reference: references[row % Self.rememberedRows])
    }

    private mutating func queried(_ row: Int) -> EventDraft {
        draft(
            "payout.queried", row,
            ["source": "query", "description": "Successful", "found": true])
    }

    private mutating func paid(_ row: Int) -> EventDraft {
        let time = Array(digits(4))
        return draft(
            "payout.paid", row,
            [
                "source": "query",
                "providerTime": .string("2026-11-21 1\(time[0]):2\(time[1]):\(time[2])\(time[3])"),
            ], reference: references[row % Self.rememberedRows])
    }

    private mutating func draft(
        _ type: String, _ row: Int, _ data: JSONObject, reference: String? = nil
    ) -> EventDraft {
        let batch = row / Self.rowsOfBatch
        let number = numbers[row % Self.rememberedRows]
        var subject: JSONObject = [
            "file": .string("20261121-\(100_000 + batch)"),
            "batch": .string("PAYROLL-20261121-\(1_000 + batch)"),
            "row": .number(String(row % Self.rowsOfBatch + 1)),
            "line": .number(String(row % Self.rowsOfBatch + 2)),
            "controlNumber": .string(number),
        ]
        if let reference { subject["reference"] = .string(reference) }
        return EventDraft(
            type: type, actor: "batchrunner", outcome: .success, origin: "payouts-1",
            subject: subject, data: data)
    }

    private mutating func digits(_ count: Int) -> String {
        String((0..<count).map { _ in Character(String(random.next() % 10)) })
    }

    private mutating func hexadecimal(_ bytes: Int) -> String {
        (0..<bytes / 8).map { _ in
            let digits = String(random.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// Time as payments take it: up to 0.2 ms from one event to the next, from a fixed seed. Makes logs
/// of the same bytes in every run; a real clock would squeeze hours into seconds, and times deflate
/// better the closer they are.
final class PaymentClock: AuditClock {
    private static let stepMicroseconds: UInt64 = 200
    /// 2026-11-21 00:00 in Manila.
    private static let startSeconds: Int64 = 1_795_190_400
    private let state = Mutex((random: SeededRandom(state: 3), microseconds: UInt64(0)))

    func now() -> (seconds: Int64, microseconds: Int32) {
        let microseconds = state.withLock { state in
            state.microseconds += state.random.next() % Self.stepMicroseconds
            return state.microseconds
        }
        return (
            Self.startSeconds + Int64(microseconds / 1_000_000), Int32(microseconds % 1_000_000)
        )
    }
}

/// SplitMix64: small, seeded, the same everywhere.
struct SeededRandom {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension EventDraft {
    /// The line `auditlog append` reads.
    var jsonText: String {
        let json: JSONValue = [
            "type": .string(type), "actor": .string(actor), "outcome": .string(outcome.rawValue),
            "origin": .string(origin), "subject": .object(subject), "data": .object(data),
        ]
        return json.text()
    }
}
