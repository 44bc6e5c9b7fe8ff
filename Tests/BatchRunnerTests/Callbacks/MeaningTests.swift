import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner
@testable import SkyPay

@Suite("What a query and a report mean")
struct MeaningTests {
    private func status(_ wire: String, cancelTime: String? = nil) throws -> PayoutStatusRow {
        var object: JSONObject = ["controlNumber": "SKY9900000001", "status": .string(wire)]
        object["cancelTime"] = cancelTime.map { .string($0) }
        return try #require(PayoutStatusRow(object))
    }

    @Test(
        "A found number, by status and by how its row stands",
        arguments: [
            ("0", nil, []), ("1", nil, [PayoutFact.paid]), ("2", nil, []),
            ("3", nil, []), ("3", "", []),
            ("3", "2026-11-21 10:00:00", [PayoutFact.cancelled]),
            ("4", nil, [PayoutFact.failed]), ("10", nil, []), ("11", nil, []),
            ("99", nil, []),
        ] as [(String, String?, [PayoutFact])])
    func found(_ wire: String, _ cancelTime: String?, _ facts: [PayoutFact]) throws {
        let status = try status(wire, cancelTime: cancelTime)
        let asked = PayoutFact.queried(found: true)
        let accepted = PayoutRecord(state: .accepted, attempts: 1)
        #expect(StatusMeaning.facts(for: accepted, status) == [asked] + facts)
        let unknown = PayoutRecord(state: .unknown, attempts: 1, possiblySent: true)
        #expect(StatusMeaning.facts(for: unknown, status) == [asked, .accepted] + facts)
        var inUse = unknown
        inUse.numberInUse = true
        // The number may be somebody else's: only the amount tells.
        func told(_ evidence: AmountEvidence?) -> [PayoutFact] {
            StatusMeaning.facts(for: inUse, status, evidence: evidence)
        }
        #expect(told(.differs("another")) == [asked, .held(possiblySent: true)])
        #expect(told(.agrees) == [asked, .accepted] + facts)
        #expect(told(.unavailable("none")) == [asked])
        #expect(told(nil) == [asked], "without a proof nothing is believed")
        for record in [accepted, unknown, inUse] {
            var next = record
            for fact in StatusMeaning.facts(for: record, status, evidence: .agrees) {
                next = try next.applying(fact, at: 1)
            }
            #expect(next.state != .unknown)
        }
    }

    /// The final states that a report contradicts.
    private static let disputed: [PayType: Set<PayoutState>] = [
        .uploaded: [.refused], .paid: [.refused, .failed, .cancelled],
        .failed: [.paid, .cancelled], .cancelled: [.paid, .failed],
    ]

    @Test(
        "Of a final row a query tells what contradicts it, and of one held that it is there",
        arguments: [
            (PayoutState.paid, "1", []), (.paid, "4", [PayoutFact.failed]), (.paid, "2", []),
            (.failed, "1", [.paid]), (.failed, "4", []), (.refused, "2", [.accepted, .disputed]),
            (.refused, "1", [.paid]), (.refused, "4", [.failed]), (.cancelled, "1", [.paid]),
            (.held, "0", [.accepted]), (.held, "1", [.accepted, .paid]),
        ] as [(PayoutState, String, [PayoutFact])])
    func late(_ state: PayoutState, _ wire: String, _ facts: [PayoutFact]) throws {
        let record = PayoutRecord(state: state, attempts: 1, possiblySent: true)
        let asked = [PayoutFact.queried(found: true)]
        #expect(StatusMeaning.facts(for: record, try status(wire)) == asked + facts)
        if state == .held || state == .refused {
            let others = StatusMeaning.facts(for: record, try status(wire), isOurs: false)
            #expect(others == asked, "somebody else's payout says nothing about ours")
        }
    }

    @Test(
        "Of a row that was corrected a query tells what contradicts the correction",
        arguments: [
            (PayoutState.failed, PayoutState.paid, "4", [PayoutFact.failed]),
            (.failed, .paid, "1", []), (.paid, .failed, "1", [.paid]), (.paid, .failed, "4", []),
            (.refused, .accepted, "2", []), (.refused, .accepted, "4", [.failed]),
            (.refused, .paid, "2", []), (.refused, .paid, "4", [.failed]),
        ] as [(PayoutState, PayoutState, String, [PayoutFact])])
    func corrected(
        _ state: PayoutState, _ told: PayoutState, _ wire: String, _ facts: [PayoutFact]
    ) throws {
        let record = PayoutRecord(state: state, attempts: 1, possiblySent: true)
        #expect(
            StatusMeaning.facts(for: record, try status(wire), told: told)
                == [PayoutFact.queried(found: true)] + facts)
    }

    @Test(
        "A report is disputed that contradicts what was told last, not what the row stands as",
        arguments: [
            (PayoutState.failed, PayoutState.paid, [PayType.failed, .cancelled]),
            (.paid, .failed, [.paid, .cancelled]), (.refused, .paid, [.failed, .cancelled]),
            (.refused, .accepted, [.paid, .failed, .cancelled]),
        ] as [(PayoutState, PayoutState, [PayType])])
    func correctedAndReported(
        _ state: PayoutState, _ told: PayoutState, _ disputed: [PayType]
    ) {
        let record = PayoutRecord(state: state, attempts: 1)
        for payType in PayType.allCases {
            let result = PayoutResult(
                controlNumber: "SKY9900000001", payType: payType,
                dealTime: "2026-11-21 10:00:00", failDescription: nil, referenceNumber: nil)
            let expected: PayoutFact = disputed.contains(payType) ? .disputed : .reported
            #expect(
                CallbackMeaning.facts(for: record, told: told, result, confirm: true)
                    == [expected], "\(payType)")
        }
    }

    @Test("With confirmation a report only asks", arguments: PayType.allCases)
    func confirmed(_ payType: PayType) {
        let result = PayoutResult(
            controlNumber: "SKY9900000001", payType: payType, dealTime: "2026-11-21 10:00:00",
            failDescription: nil, referenceNumber: nil)
        for state in PayoutState.allCases {
            let record = PayoutRecord(state: state, attempts: 1)
            let expected = Self.disputed[payType]?.contains(state) == true
            #expect(
                CallbackMeaning.facts(for: record, result, confirm: true)
                    == [expected ? .disputed : .reported], "\(state)")
        }
    }

    @Test(
        "Without confirmation a report settles what is open, and nothing else",
        arguments: [
            (PayType.uploaded, [PayoutFact]()), (.paid, [.paid]), (.cancelled, [.cancelled]),
            (.failed, [.failed]), (.amended, []), (.amendFailed, []),
        ])
    func unconfirmed(_ payType: PayType, _ facts: [PayoutFact]) throws {
        let result = PayoutResult(
            controlNumber: "SKY9900000001", payType: payType, dealTime: "2026-11-21 10:00:00",
            failDescription: nil, referenceNumber: nil)
        for state in PayoutState.allCases {
            let record = PayoutRecord(state: state, attempts: 1, possiblySent: state == .unknown)
            let expected: [PayoutFact] =
                switch state {
                case .unknown: [.reported, .accepted] + facts
                case .accepted: [.reported] + facts
                default: Self.disputed[payType]?.contains(state) == true ? [.disputed] : [.reported]
                }
            let told = CallbackMeaning.facts(for: record, result, confirm: false)
            #expect(told == expected, "\(state)")
            var next = record
            for fact in told { next = try next.applying(fact, at: 1) }
        }
    }

    @Test("A reported payment of a number that may be somebody else's does not settle the row")
    func numberInUse() {
        let result = PayoutResult(
            controlNumber: "SKY9900000001", payType: .paid, dealTime: "2026-11-21 10:00:00",
            failDescription: nil, referenceNumber: nil)
        let record = PayoutRecord(
            state: .unknown, attempts: 2, possiblySent: true, numberInUse: true)
        let facts = CallbackMeaning.facts(for: record, result, confirm: false)
        #expect(!facts.contains(.paid))
        #expect(!facts.contains(.accepted))
    }
}
