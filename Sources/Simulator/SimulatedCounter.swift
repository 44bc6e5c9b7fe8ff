import OrderedJSON
import SkyPay
import SkyPaySandbox

/// What comes in by callbacks that nobody expects: payouts registered for the counter, with questions and
/// payments in order, out of order, twice and forged; and reports about payouts that are not true. ECB lets
/// whoever can drop a file make a whole one out of parts of others, so some of these have the right
/// credentials.
struct SimulatedCounter {
    /// What a number's callbacks are like.
    enum Manner: CaseIterable {
        /// Asked about, then paid; the payment comes twice, and another one after it.
        case orderly
        /// Paid without having been asked about.
        case unasked
        /// Asked about; the payment has other credentials than ours.
        case forged
    }

    /// Registered numbers that may never be booked as paid.
    private(set) var neverPaid: Set<String> = []
    private var serial = 0

    typealias Dropped = (file: SentFile, second: Double)

    /// A registered number's callbacks; it is registered at `second`.
    mutating func callbacks(
        of number: String, _ manner: Manner, from second: Double, _ chance: inout Chance
    ) -> [Dropped] {
        if manner != .orderly { neverPaid.insert(number) }
        let asked = callback("payoutInquiry", [("controlNumber", number)], &chance)
        let paid = payment(number, "10:00:00", manner != .forged, &chance)
        var dropped: [Dropped] = [(paid, second + 35)]
        if manner != .unasked { dropped.append((asked, second + 20)) }
        guard manner == .orderly else { return dropped }
        var again = paid
        again.name = name(of: "again")
        dropped.append((again, second + 60))
        dropped.append((payment(number, "11:00:00", true, &chance), second + 80))
        return dropped
    }

    private mutating func payment(
        _ number: String, _ time: String, _ isOurs: Bool, _ chance: inout Chance
    ) -> SentFile {
        callback(
            "payoutPayout",
            [
                ("controlNumber", number), ("withdrawChannel", "1"),
                ("payTime", "2026-11-21 " + time),
            ],
            isOurs: isOurs, &chance)
    }

    /// A report about a payout, as it comes to the mind of whoever drops it.
    mutating func lie(about number: String, _ chance: inout Chance) -> SentFile {
        let payType = ["2", "3", "4"][chance.below(3)]
        return callback(
            "payoutQueuePayout",
            [
                ("controlNumber", number), ("payType", payType),
                ("dealTime", "2026-11-21 08:00:30"),
            ],
            isOurs: !chance.oneIn(4), &chance)
    }

    private mutating func callback(
        _ action: String, _ fields: [(String, String)], isOurs: Bool = true, _ chance: inout Chance
    ) -> SentFile {
        let credentials = SandboxSettings.demoCredentials
        var object: JSONObject = [
            "userName": .string(credentials.userName), "action": .string(action),
            "authentication": .string(isOurs ? credentials.authentication : "somebody else"),
        ]
        for (name, value) in fields { object[name] = .string(value) }
        let json = JSONValue.object(object).bytes()
        let isSealed = chance.oneIn(2)
        let envelope = Envelope(passwordKey: credentials.passwordKey)
        return SentFile(
            name: name(of: action), callback: action,
            bytes: isSealed ? Array(envelope.seal(json).utf8) : json,
            SentFile.Row(fields: fields))
    }

    private mutating func name(of what: String) -> String {
        serial += 1
        return "told-\(serial)-\(what).txt"
    }

    /// A row of registerPayout.
    static func registration(_ number: String, _ amount: Amount) -> SentFile.Row {
        SentFile.Row(fields: [
            ("controlNumber", number), ("senderAddress", "1 Halimbawa St, Makati"),
            ("name", "Subok,Lima,Demo"), ("birthday", "1990-01-31"), ("identificationId", "ID-8"),
            ("idType", "Passport"), ("phone", "09115550037"), ("amount", amount.text),
            ("idcardPicType", "jpg"), ("idcardPicUrl", "https://example.test/2.jpg"),
            ("location", "Manila"),
        ])
    }
}
