import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("SkyPay's balance beside what a run sent")
struct RunBalanceTests {
    private func amount(_ text: String) -> Amount { Amount(wire: text) ?? .zero }

    private static func key(_ row: Int) -> RowKey { RowKey(fileID: "f", row: row) }

    private func sum(_ text: String) -> AmountSum { AmountSum(amount(text)) }

    private func balance(
        _ before: String, _ after: String, accepted: String, transferred: String = "0.00",
        inDoubt: String = "0.00", atFirst: String? = nil
    ) -> RunBalance {
        RunBalance(
            before: amount(before), after: amount(after),
            money: SentMoney(
                accepted: sum(accepted), transferred: sum(transferred),
                doubts: [Self.key(1): amount(atFirst ?? inDoubt)]),
            inDoubt: sum(inDoubt))
    }

    @Test("A balance that fell by what SkyPay took is told without reasons")
    func equal() {
        let told = balance("1000.00", "870.50", accepted: "129.50")
        #expect(told.difference == .zero)
        #expect(
            told.line == "SkyPay's balance fell by PHP 129.50 to PHP 870.50; it took payouts of "
                + "PHP 129.50")
    }

    @Test("What was lost beyond is told with what may explain it, doubt first")
    func apart() {
        let told = balance(
            "1000.00", "800.00", accepted: "120.00", transferred: "30.00", inDoubt: "50.00")
        #expect(told.difference == sum("80.00"))
        #expect(
            told.line == "SkyPay's balance fell by PHP 200.00 to PHP 800.00; it took payouts of "
                + "PHP 120.00: PHP 80.00 apart (PHP 50.00 of which nobody knows yet, transfers of "
                + "PHP 30.00, payouts not debited yet, fees, top-ups, payouts that came back, "
                + "other users of the account)")
        #expect(told.json["difference"] == "80.00" && told.json["inDoubt"] == "50.00")
        #expect(told.json["knownLater"] == "0.00")
    }

    @Test("What was in doubt at first and became known is no longer in doubt, and told as that")
    func knownLater() {
        let told = balance(
            "1000.00", "800.00", accepted: "120.00", inDoubt: "30.00", atFirst: "80.00")
        #expect(told.json["inDoubt"] == "30.00" && told.json["knownLater"] == "50.00")
        #expect(
            told.line.contains(
                "(PHP 30.00 of which nobody knows yet, PHP 50.00 that was in doubt at first, "))
    }

    @Test("A balance that rose, by a top-up, is told as that")
    func rose() {
        let told = balance("100.00", "600.00", accepted: "20.00")
        #expect(told.difference.text == "-520.00")
        #expect(told.line.hasPrefix("SkyPay's balance rose by PHP 500.00 to PHP 600.00; "))
    }

    @Test(
        "A balance is read as SkyPay writes numbers, with a minus sign or without",
        arguments: [
            ("12", 12_00), ("-3.5", -3_50), ("1.0E3", 1_000_00), ("--1", nil), ("-", nil),
            ("", nil),
        ] as [(String, Int64?)])
    func reading(_ text: String, _ centavos: Int64?) {
        #expect(Amount(balance: text)?.centavos == centavos)
    }

    @Test("Answers add up by what they say: taken, transferred, in doubt, or neither")
    func money() {
        let one = Amount(centavos: 1)
        func answers(from first: Int) -> SentMoney {
            var money = SentMoney()
            // A probe decides what is suspended: it is not in doubt.
            let payouts: [PayoutFact] = [
                .accepted, .refused, .unsent, .unknown(numberInUse: false), .suspended,
                .held(possiblySent: true), .held(possiblySent: false),
            ]
            for (place, fact) in payouts.enumerated() {
                money.note(fact, one, of: Self.key(first + place), isRepeat: false)
            }
            let transfers: [RequestFact] = [
                .confirmed, .refused, .unknown, .held(possiblySent: true),
            ]
            for (place, fact) in transfers.enumerated() {
                money.note(fact, one, of: Self.key(first + 10 + place))
            }
            return money
        }
        let first = answers(from: 1)
        #expect(first.accepted == AmountSum(one) && first.transferred == AmountSum(one))
        #expect(first.inDoubt == AmountSum(centavos: 4))
        let both = first + answers(from: 101)
        #expect(both.accepted == AmountSum(centavos: 2))
        #expect(both.transferred == AmountSum(centavos: 2))
        #expect(both.inDoubt == AmountSum(centavos: 8))
    }

    @Test(
        "A payout that is sent again is the same money: in doubt once, or taken and no longer in doubt",
        arguments: [
            (PayoutFact.accepted, true, 5, 0), (.unknown(numberInUse: false), true, 0, 5),
            (.unknown(numberInUse: true), true, 0, 5), (.unsent, true, 0, 5),
            // Sent for the first time in an earlier run: this one had no doubt to take off.
            (.accepted, false, 5, 0), (.unknown(numberInUse: false), false, 0, 5),
        ] as [(PayoutFact, Bool, Int64, Int64)])
    func repeated(
        _ second: PayoutFact, _ isInThisRun: Bool, _ accepted: Int64, _ inDoubt: Int64
    ) {
        let five = Amount(centavos: 5)
        var first = SentMoney()
        if isInThisRun {
            first.note(.unknown(numberInUse: false), five, of: Self.key(1), isRepeat: false)
        }
        first.note(.unknown(numberInUse: false), five, of: Self.key(2), isRepeat: false)
        var later = SentMoney()
        later.note(second, five, of: Self.key(1), isRepeat: true)
        let money = first + later
        #expect(money.accepted == AmountSum(centavos: Int128(accepted)))
        #expect(money.inDoubt == AmountSum(centavos: Int128(inDoubt) + 5))
    }

    @Test("In doubt is what was sent since then and is unknown or held as perhaps sent")
    func inDoubt() async throws {
        let stage = try await SendingStage()
        try await stage.take(rows: 4)
        try await stage.record(1, .intended(attempt: 1), .unknown(numberInUse: false))
        stage.clock.advance(100)
        let began = stage.clock.unixSeconds()
        try await stage.record(2, .intended(attempt: 1), .unknown(numberInUse: false))
        try await stage.record(
            3, .intended(attempt: 1), .unknown(numberInUse: false), .held(possiblySent: true))
        try await stage.record(4, .intended(attempt: 1), .suspended, .held(possiblySent: false))
        let ledger = stage.ledger
        let amounts = try ledger.rows(of: SendingStage.file, after: 0, limit: 9)
            .map { AmountSum($0.amount) }
        #expect(try ledger.amountInDoubt(sentSince: began) == amounts[1] + amounts[2])
        #expect(
            try ledger.amountInDoubt(sentSince: began - 100)
                == amounts[0] + amounts[1] + amounts[2])
        #expect(try ledger.amountInDoubt(sentSince: began + 100) == .zero)
    }
}
