import DurableFiles
import Foundation
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Report: the page")
struct ReportPageTests {
    static let hostile =
        "</td><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\u{202E}\u{7}"

    /// A busy day: failures, covered parties, a gap, hostile text everywhere an event can carry it.
    static func busyDay(origin: String = "log.example/t") async throws -> ReportFixture {
        let log = try await ReportFixture(at: "2026-11-21T00:00:00", origin: origin)
        for hour in 8..<17 {
            let two = hour < 10 ? "0\(hour)" : "\(hour)"
            for minute in 0..<(hour % 5 + 3) {
                let time = "2026-11-21T\(two):\(10 + minute):07"
                let number = "SKY99\(10_000_000 + hour * 100 + minute)"
                try await log.add(
                    time, "payout.intended", number, amount: "45000.50",
                    party: "p_Zk3fW0o1nQ7vX2mB9sLr5A")
                try await log.add(
                    time, "payout.accepted", number, amount: "45000.50",
                    party: "p_Zk3fW0o1nQ7vX2mB9sLr5A",
                    data: ["account": "09171234567", "channel": "6"])
            }
            try await log.add(
                "2026-11-21T\(two):40:00", "payout.refused", "SKY98\(10_000_000 + hour)",
                amount: "12.00", outcome: .failure,
                data: ["code": "-1022", "description": "invalid account number"])
        }
        try await log.add(
            "2026-11-21T18:30:00", "payout.failed", "SKY9910000800", outcome: .failure)
        try await log.add(
            "2026-11-21T20:00:00", "door\(hostile)", hostile, amount: .string(hostile),
            outcome: .failure, data: ["reason": .string(hostile)])
        try await log.add(
            "2026-11-21T20:00:01", "payout.accepted", hostile, amount: "700000.00",
            party: hostile)
        try await log.audit.close()
        return log
    }

    @Test("Nothing an event says becomes markup")
    func escaping() async throws {
        let log = try await Self.busyDay(origin: "log.example/<b>\\\"}</style><script>")
        let html = try log.report(day: "2026-11-21").html
        #expect(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>"))
        #expect(html.components(separatedBy: "</style>").count == 2)
        #expect(!html.contains("onerror=alert(2)>\""))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(html.contains("[U+202E]\u{2407}"))
        for scalar in html.unicodeScalars where scalar.value < 0x20 {
            #expect(scalar == "\n")
        }
    }

    @Test("The page is whole in itself: no address, no script, one style sheet, strict policy")
    func selfContained() async throws {
        let html = try await Self.busyDay().report(day: "2026-11-21").html
        for word in ["http:", "https:", "url(", "@import", "<link", "<a "] {
            #expect(!html.contains(word), "\(word)")
        }
        let attributes = ["src", "href", "action", "data", "srcset", "on[a-z]+"]
        for name in attributes {
            #expect(html.range(of: "<[^>]*\\s\(name)=", options: .regularExpression) == nil)
        }
        #expect(html.contains("default-src 'none'"))
        #expect(html.hasPrefix("<!DOCTYPE html>"))
    }

    @Test("Figures stand on the page as in the JSON, with separators")
    func figures() async throws {
        let log = try await Self.busyDay()
        let report = try log.report(day: "2026-11-21")
        let html = report.html
        let amount = try #require(report.json["transactions"]?["amount"]?.stringValue)
        let grouped = ExactAmount.grouped(
            Int128(try #require(ExactAmount.parse(amount, decimals: 2))), decimals: 2)
        #expect(html.contains(grouped) && grouped.contains(","))
        #expect(html.contains("p_Zk3fW0o1nQ7vX2mB9sLr5A"))
        #expect(html.contains("account *******4567 · channel 6"))
        #expect(html.contains("invalid account number"))
        #expect(html.contains(log.rootKey))
        let checkpoint = try #require(report.identity.checkpoint)
        #expect(html.contains(HTMLText.escaped(checkpoint.text)))
        #expect(html.contains("1 h 30 min without an event"))
    }

    @Test("Verified says so; an altered log gives a report that says that, and exit code 2")
    func verdicts() async throws {
        let log = try await Self.busyDay()
        let verified = try log.report(
            day: "2026-11-21", options: ReportOptions(key: log.rootKey))
        #expect(verified.verdict == .verified && verified.exitCode == 0)
        let unverified = try log.report(
            day: "2026-11-21", options: ReportOptions(verifies: false))
        #expect(unverified.exitCode == 0 && unverified.html.contains("Not verified"))
        var bytes = try DurableFiles.read(log.base.segment)
        bytes[bytes.count / 2] ^= 0x10
        try LogFixture.write(log.base.segment, bytes)
        let altered = try log.report(day: "2026-11-21")
        #expect(altered.exitCode == 2 && altered.html.contains("Damaged or altered"))
        #expect(altered.json["verdict"] == "altered" && altered.figures.problem != nil)
        #expect(altered.figures.counting.events > 0)
    }

    /// To look at: REPORT_PAGES names a folder.
    @Test(
        "Pages for the eye",
        .enabled(if: ProcessInfo.processInfo.environment["REPORT_PAGES"] != nil))
    func pages() async throws {
        let folder = ProcessInfo.processInfo.environment["REPORT_PAGES"] ?? "/tmp"
        let log = try await Self.busyDay()
        let options = ReportOptions(key: log.rootKey)
        let day = try log.report(day: "2026-11-21", options: options)
        try LogFixture.write("\(folder)/day.html", Array(day.html.utf8))
        let month = try log.report(month: "2026-11", options: options)
        try LogFixture.write("\(folder)/month.html", Array(month.html.utf8))
        let empty = try log.report(day: "2026-11-22", options: ReportOptions(verifies: false))
        try LogFixture.write("\(folder)/empty.html", Array(empty.html.utf8))
    }

    @Test("A checkpoint of another history: exit code 3")
    func inconsistent() async throws {
        let log = try await Self.busyDay()
        let other = try await ReportFixture(at: "2026-11-21T00:00:00")
        let note = try await other.audit.checkpoint().text
        try await other.audit.close()
        let report = try log.report(
            day: "2026-11-21", options: ReportOptions(since: note))
        #expect(report.exitCode == 3 && report.verdict == .inconsistent)
    }

    @Test("Failures beyond the limit are counted, and the page tells how to list them")
    func manyFailures() async throws {
        let log = try await ReportFixture(at: "2026-11-21T00:00:00")
        let drafts = (0..<ReportLimits.failures + 7).map { number in
            EventDraft(
                type: "payout.refused", actor: "a", outcome: .failure, origin: "o",
                data: ["n": .number(String(number))])
        }
        _ = try await log.audit.append(drafts)
        try await log.audit.close()
        let report = try log.report(day: "2026-11-21")
        #expect(report.json["failures"]?.integerValue == ReportLimits.failures + 7)
        #expect(report.json["failureList"]?.arrayValue?.count == ReportLimits.failures)
        let command =
            #"--from 2026-11-21 --to 2026-11-21 &#39;&quot;outcome&quot;:&quot;failure&quot;&#39;"#
        #expect(report.html.contains(command))
    }

    @Test(
        "Words for a shell stay one word",
        arguments: [
            ("audit", "audit"), ("my log", "'my log'"), ("a'b", "'a'\\''b'"), ("", "''"),
            ("$x", "'$x'"), ("a'\u{301}b", "'a'\\''\u{301}b'"),
        ])
    func quoting(_ word: String, _ quoted: String) {
        #expect(ReportPage.quoted(word) == quoted)
    }

    @Test(
        "Amounts are exact and readable",
        arguments: [
            ("0", 2, "0.00"), ("0.07", 2, "0.07"), ("1234567.8", 2, "1,234,567.80"),
            ("999999999999999.99", 2, "999,999,999,999,999.99"), ("1000", 0, "1,000"),
            ("1.234567", 6, "1.234567"),
        ])
    func amounts(_ text: String, _ decimals: Int, _ shown: String) throws {
        let value = try #require(ExactAmount.parse(text, decimals: decimals))
        #expect(ExactAmount.grouped(Int128(value), decimals: decimals) == shown)
    }

    @Test(
        "The chart's scale holds the largest count",
        arguments: [
            (0, 4), (1, 4), (4, 4), (5, 8), (9, 20), (20, 20), (21, 40), (250_000, 400_000),
        ] as [(UInt64, UInt64)])
    func scale(_ largest: UInt64, _ top: UInt64) {
        #expect(ReportPage.scaleTop(largest) == top)
    }
}
