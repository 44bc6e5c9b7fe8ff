import OrderedJSON
import Testing

/// What a provider's odd answers may not do: stop the site, enter the log, or settle money.
@Suite(.fewAtATime)
struct ProviderAnswerTests {
    private static let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 1)
    private static let number = batch.rows[0].controlNumber
    private static let long = String(repeating: "q", count: 70_000)
    private static let queued = answer(["responseCode": "1000"])

    private static func answer(_ fields: JSONObject) -> String {
        var object: JSONObject = [
            "responseTime": "2026-11-21 10:00:00.0000", "responseDescription": "Success",
        ]
        for member in fields.members { object[member.name] = member.value }
        return JSONValue.object(object).text()
    }

    private static func statuses(_ rows: [JSONObject]) -> String {
        answer([
            "responseCode": "1000",
            "result": .array(
                rows.map { fields in
                    var row: JSONObject = ["controlNumber": .string(number)]
                    for member in fields.members { row[member.name] = member.value }
                    return .object(row)
                }),
        ])
    }

    /// Runs until the row was asked about, or refused, and once more; judges what every answer must
    /// leave whole.
    private func judge(
        _ answers: [String], _ more: (Site) async throws -> Void = { _ in }
    ) async throws {
        try await Scratch.with { scratch in
            let provider = try ScriptedProvider(answers)
            defer { provider.stop() }
            let site = try Site(scratch, port: provider.port)
            try site.drop(Self.batch)
            var codes: [Int32?] = []
            _ = try await eventually("a query") { () -> Bool? in
                codes.append(try await site.run().code)
                let isOver = codes.contains(70) || codes.contains(10)
                return isOver || provider.served >= 2 ? true : nil
            }
            codes.append(try await site.run().code)
            #expect(!codes.contains(70), "\(codes)")
            let text = try await site.events().map { $0.text() }.joined()
            #expect(!text.contains("4111111111111111"), "a card number is in the log")
            #expect(!text.contains(Self.batch.rows[0].account), "an account is in the log")
            try await more(site)
        }
    }

    private static let oddTexts = [
        "long": long, "a card": "card 4111111111111111",
        "an account": "account \(batch.rows[0].account) closed",
    ]

    @Test(
        "No text in an answer stops the site or brings a number into the log",
        arguments: [
            ("responseCode", "long"), ("responseCode", "a card"), ("responseDescription", "long"),
            ("responseDescription", "a card"), ("responseDescription", "an account"),
        ])
    func texts(_ field: String, _ kind: String) async throws {
        let text = try #require(Self.oddTexts[kind])
        let odd = Self.answer(["responseCode": "-1021", field: .string(text)])
        try await judge([odd, Self.statuses([])])
    }

    @Test(
        "No text in an answered query stops the site or brings a number into the log",
        arguments: ["statusDesc", "payTime", "referenceNo", "status"], ["long", "a card"])
    func queries(_ field: String, _ kind: String) async throws {
        let text = try #require(Self.oddTexts[kind])
        let row: JSONObject = ["status": "1", field: .string(text)]
        try await judge([Self.queued, Self.statuses([row])])
    }

    @Test(
        "One number with two contradicting statuses in an answer settles nothing",
        arguments: [["1", "4"], ["4", "1"]])
    func contradiction(_ pair: [String]) async throws {
        let rows = pair.map { status -> JSONObject in ["status": .string(status)] }
        try await judge([Self.queued, Self.statuses(rows)]) { site in
            let status = try await site.tool("status", ["--json", Self.number])
            #expect(try JSONValue(parsing: Array(status.output.utf8))["state"] == "accepted")
            #expect(!site.exists("outbox/b.csv.final.json"))
        }
    }
}
