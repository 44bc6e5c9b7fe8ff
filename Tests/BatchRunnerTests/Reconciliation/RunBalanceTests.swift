import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("SkyPay's balance beside what a run sent")
struct RunBalanceTests {
    private func amount(_ text: String) -> Amount { Amount(wire: text) ?? .zero }

    private func sum(_ text: String) -> AmountSum { AmountSum(amount(text)) }

    private func balance(
        _ before: String, _ after: String, accepted: String, transferred: String = "0.00",
        inDoubt: String = "0.00", atFirst: String? = nil
    ) -> RunBalance {
        RunBalance(
            before: amount(before), after: amount(after),
            money: SentMoney(
                accepted: sum(accepted), transferred: sum(transferred),
                inDoubt: sum(atFirst ?? inDoubt)),
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
        var money = SentMoney()
        let one = Amount(centavos: 1)
        for fact in [PayoutFact.accepted, .refused, .unsent, .unknown(numberInUse: false)] {
            money.note(fact, one)
        }
        // A probe decides what is suspended: it is not in doubt.
        for fact in [PayoutFact.suspended, .held(possiblySent: true), .held(possiblySent: false)] {
            money.note(fact, one)
        }
        for fact in [RequestFact.confirmed, .refused, .unknown, .held(possiblySent: true)] {
            money.note(fact, one)
        }
        #expect(
            money
                == SentMoney(
                    accepted: AmountSum(one), transferred: AmountSum(one),
                    inDoubt: AmountSum(centavos: 4)))
        #expect((money + money).inDoubt == AmountSum(centavos: 8))
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
