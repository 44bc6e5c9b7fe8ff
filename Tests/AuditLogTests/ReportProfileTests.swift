import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Report: profile")
struct ReportProfileTests {
    private static func fault(_ change: (inout JSONObject) -> Void) -> String? {
        var json = ReportFixture.profile
        change(&json)
        do throws(AuditLogError) {
            _ = try ReportProfile(json)
            return nil
        } catch {
            return error.code == .refused ? error.message : "another error: \(error)"
        }
    }

    @Test("The whole profile and the empty one are good")
    func good() throws {
        #expect(Self.fault { _ in } == nil)
        #expect(try ReportProfile([:]).countsTransactions == false)
    }

    @Test(
        "A fault names the member and the remedy",
        arguments: [
            ("treshold", "1.00", "treshold is unknown"),
            ("threshold", "1.005", "threshold must be an"),
            ("threshold", 500_000, "threshold must be text"),
            ("currency", "peso", "currency must be"),
            ("amount", "amount", "amount must name a member"),
            ("amount", "data.", "amount must name"),
            ("amount", "seq.x", "amount must name"),
            ("countTypes", [], "countTypes must be a list"),
            ("countTypes", "payout.accepted", "countTypes must be a list"),
            ("partyLabel", ["masked"], "partyLabel must list"),
            ("decimals", 7, "decimals must be 0"),
            ("decimals", "2", "decimals must be a whole number"),
            ("title", "", "title must be text"),
            ("reverseTypes", ["payout.accepted"], "which countTypes names too"),
            ("amount", nil, "needs amount"), ("currency", nil, "amount needs currency"),
            ("transaction", nil, "countTypes needs transaction"), ("party", nil, "needs party"),
            ("threshold", nil, "party needs threshold"), ("countTypes", nil, "needs countTypes"),
        ] as [(String, JSONValue?, String)])
    func faults(_ name: String, _ value: JSONValue?, _ message: String) throws {
        let fault = try #require(Self.fault { $0[name] = value })
        #expect(fault.hasPrefix("reportProfile: ") && fault.contains(message), "\(fault)")
    }

    @Test("A log is not made with a profile that no report could read")
    func creation() throws {
        let base = try LogFixture()
        let options = CreationOptions(
            origin: "log.example/t", reportProfile: ["treshold": "1.00"], actor: "tester")
        let error = #expect(throws: AuditLogError.self) {
            try AuditLog.create(at: base.log, keys: base.keys, options: options)
        }
        #expect(error?.message.contains("treshold is unknown") == true)
        #expect(!AuditLog.exists(at: base.log) && LogLayout.names(in: base.keys).isEmpty)
    }
}
