import SkyPay
import Testing

@Suite("Return codes")
struct ReturnCodeTests {
    @Test(
        "What a code means for money after payoutQueue",
        arguments: [
            ("1000", PayoutMeaning.queued), ("-1000", .misconfigured),
            ("-1001", .invalidAccountOrVerification), ("-1002", .misconfigured),
            ("-1008", .numberInUse), ("-1009", .unknown), ("-1010", .unknown),
            ("-1011", .refused), ("-1012", .unknown), ("-1013", .unknown), ("-1014", .refused),
            ("-1015", .unknown), ("-1016", .insufficientBalance), ("-1017", .unknown),
            ("-1020", .refused), ("-1021", .refused), ("-1022", .refused), ("-1026", .unknown),
            ("-1027", .refused), ("-1028", .refused), ("-1032", .misconfigured),
            ("-9999", .unknown), ("2001", .unknown), ("", .unknown), ("01000", .unknown),
            (" 1000", .unknown), ("-1", .unknown), ("success", .unknown),
        ])
    func meaning(_ code: String, _ meaning: PayoutMeaning) {
        #expect(ReturnCode(rawValue: code).payoutMeaning == meaning)
    }

    @Test("Only a code that SkyPay gives to what it read shows that it opened the request")
    func reading() {
        let shown = ["1000", "-1001", "-1002", "-1008", "-1011", "-1016", "-1028"]
        #expect(shown.allSatisfy { ReturnCode(rawValue: $0).showsReading })
        let others = ["-1000", "-1032", "-9999", "-1009", "-1010", "-1013", "2001", "7777", ""]
        #expect(!others.contains { ReturnCode(rawValue: $0).showsReading })
    }

    @Test("Every code of the contract has a summary; the others say that they are not known")
    func summaries() {
        #expect(ReturnCode.table.count == 22)
        for (code, summary) in ReturnCode.table { #expect(code.summary == summary) }
        #expect(ReturnCode(rawValue: "2042").summary == "partner-defined")
        #expect(ReturnCode(rawValue: "-4").summary == "a code this program does not know")
    }
}
