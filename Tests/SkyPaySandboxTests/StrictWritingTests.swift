import Foundation
import FoundationNetworking
import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

/// `skypay-api.md §1`, "Writing": partners write one form. The sandbox reads with the envelope that
/// readers use, so what it must refuse is asked for here byte by byte.
@Suite("The sandbox holds partners to the one form of writing")
struct StrictWritingTests {
    private static let demo = SandboxSettings.demoCredentials

    private static func sealed(_ json: String) -> String {
        Envelope(passwordKey: demo.passwordKey).seal(Array(json.utf8))
    }

    private static let balance = """
        {"userName":"\(demo.userName)","action":"balanceQuery",\
        "authentication":"\(demo.authentication)"}
        """

    /// What a body is answered with: a code, in plain JSON or encrypted, or the HTTP status.
    private func answer(
        _ both: Counterparts, _ body: String, type: String? = "text/plain"
    ) async throws -> String {
        let url = try #require(URL(string: "http://127.0.0.1:\(both.port)/services/demo"))
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = Data(body.utf8)
        request.setValue(type, forHTTPHeaderField: "Content-Type")
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard status == 200 else { return "HTTP \(status)" }
        let json = try Callback.open(Array(data), Self.demo)
        return try JSONValue(parsing: json)["responseCode"]?.stringValue ?? ""
    }

    @Test("Base64 on one line, of the envelope, as text/plain, and nothing else")
    func body() async throws {
        let good = Self.sealed(Self.balance)
        let half = good.count / 2
        try await Counterparts.run { both in
            let plain = try await answer(both, good)
            #expect(plain == "1000")
            #expect(try await answer(both, good, type: "text/plain; charset=utf-8") == "1000")
            for type in ["application/json", "text/html", "application/x-www-form-urlencoded"] {
                #expect(try await answer(both, good, type: type) == "HTTP 415", "\(type)")
            }
            for body in [
                good + "\n", " " + good,
                good.prefix(half) + "\r\n" + good.suffix(good.count - half),
                Self.balance, String(good.dropLast()), good.replacing("/", with: "_") + "_", "",
            ] {
                #expect(try await answer(both, body) == "-1000", "\(body)")
            }
            #expect(try await both.admin("GET", "/sandbox/requests").contains("\"unreadable\":7"))
        }
    }

    @Test(
        "Names as the contract has them, once each, scalars as quoted strings",
        arguments: [
            (#""UserName":"DemoApp@skypay","action":"balanceQuery""#, "-1011"),
            (#""userName":"DemoApp@skypay","action":"balanceQuery","memo":"x""#, "-1011"),
            (
                #""userName":"DemoApp@skypay","action":"balanceQuery","action":"balanceQuery""#,
                "-1000"
            ),
            (#""userName":"DemoApp@skypay","action":"BalanceQuery""#, "-1002"),
            (#""userName":"DemoApp@skypay","Action":"balanceQuery""#, "-1002"),
            (#""userName":"demoapp@skypay","action":"balanceQuery""#, "-1001"),
            (#""userName":"DemoApp@skypay","action":["balanceQuery"]"#, "-1002"),
        ])
    func members(_ text: String, _ code: String) async throws {
        let json = "{" + text + ",\"authentication\":\"\(Self.demo.authentication)\"}"
        try await Counterparts.run { both in
            let found = try await answer(both, Self.sealed(json))
            #expect(found == code)
        }
    }

    @Test("Only pages and a transfer's amount are JSON numbers")
    func numbers() async throws {
        let report: JSONObject = [
            "startDate": "2026-11-21", "endDate": "2026-11-21", "dateType": "PayTime",
            "pagination": 1, "pageSize": 100,
        ]
        let transfer: JSONObject = [
            "transferFrom": "SKY99", "transferTo": "SKY98", "amount": .number("1.00"),
        ]
        try await Counterparts.run { both in
            #expect(await both.code("getReportPayout", report) == "")
            #expect(await both.code("balanceTransfer", transfer) == "1000")
            for name in ["pagination", "pageSize"] {
                var quoted = report
                quoted[name] = "1"
                #expect(await both.code("getReportPayout", quoted) == "-1011", "\(name)")
            }
            var quoted = transfer
            quoted["amount"] = "1.00"
            #expect(await both.code("balanceTransfer", quoted) == "-1011")
            for member in payout().members {
                let number = member.value.stringValue.flatMap { Int($0) }
                var row = payout()
                row[member.name] = number.map { .number(String($0)) } ?? true
                #expect(await both.code("payoutQueue", row) == "-1011", "\(member.name)")
            }
        }
    }
}
