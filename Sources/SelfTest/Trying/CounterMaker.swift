import OrderedJSON

/// Writes what counters ask and tell, as SkyPay would: in order, out of order, again, and by somebody
/// who does not have the credentials.
struct CounterMaker: Sendable {
    /// What a number's messages are like.
    private enum Manner: CaseIterable {
        /// Asked about, then paid; the payment comes again, and another one after it.
        case orderly
        /// Paid without having been asked about.
        case unasked
        /// Asked about; the payment has other credentials than ours.
        case forged
    }

    private static let channel = "1"

    private let partner: TrialPartner
    private var serial = 0

    init(_ partner: TrialPartner) { self.partner = partner }

    /// The messages about a number that is registered now.
    mutating func messages(
        about number: String, _ numbers: inout SeededNumbers
    ) -> [MadeFile.Later] {
        let manner = numbers.pick(Manner.allCases) ?? .orderly
        let asked = 200 + numbers.below(2_000)
        let paid = asked + 200 + numbers.below(2_000)
        var messages: [MadeFile.Later] = []
        if manner != .unasked {
            messages.append(message(.inquiry, "payoutInquiry", number, [], at: asked))
        }
        let isForged = manner == .forged
        let first = payment(number, "12:00:00", isForged: isForged, at: paid)
        messages.append(first)
        guard manner == .orderly else { return messages }
        var again = first
        again.known.name = name()
        again.milliseconds += numbers.below(1_000)
        messages.append(again)
        messages.append(payment(number, "13:00:00", isForged: false, at: paid + 1_000))
        return messages
    }

    private mutating func payment(
        _ number: String, _ time: String, isForged: Bool, at milliseconds: Int
    ) -> MadeFile.Later {
        let told = [("withdrawChannel", Self.channel), ("payTime", "2026-11-21 " + time)]
        return message(
            .payment, "payoutPayout", number, told, isForged: isForged, at: milliseconds)
    }

    private mutating func message(
        _ kind: DroppedFile.Kind, _ action: String, _ number: String, _ more: [(String, String)],
        isForged: Bool = false, at milliseconds: Int
    ) -> MadeFile.Later {
        let authentication = isForged ? "SOMEBODY-ELSE" : partner.authentication
        let fields = [
            ("userName", partner.userName), ("action", action), ("authentication", authentication),
            ("controlNumber", number),
        ]
        let members = (fields + more).map { ($0.0, JSONValue.string($0.1)) }
        let bytes = JSONObject(members).bytes()
        let row = DroppedFile.Row(
            number: number, centavos: 0, promise: isForged ? .faulty : .good)
        return MadeFile.Later(
            known: DroppedFile(
                name: name(), kind: kind, sha256: SHA256Text.of(bytes), rows: [row]),
            bytes: bytes, milliseconds: milliseconds)
    }

    private mutating func name() -> String {
        serial += 1
        return "counter-\(serial).json"
    }
}
