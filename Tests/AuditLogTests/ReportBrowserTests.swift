import DurableFiles
import Foundation
import OrderedJSON
import Testing

@testable import AuditLog

/// The page as a browser has it; where Chromium is installed.
@Suite(
    "Report: in a browser", .enabled(if: Browser.path != nil, "Chromium is not installed"),
    .serialized)
struct ReportBrowserTests {
    @Test("The figures are in the document, no script ran, and nothing but the file was fetched")
    func document() async throws {
        let log = try await ReportPageTests.busyDay()
        let report = try log.report(day: "2026-11-21")
        let page = "\(log.base.root)/day.html"
        try LogFixture.write(page, Array(report.html.utf8))
        let netLog = "\(log.base.root)/net.json"
        let document = try await Browser.dump(page, home: log.base.root, netLog: netLog)
        #expect(document.contains("<h1>Payouts</h1>") && document.hasSuffix("</html>\n"))
        let amount = try #require(report.json["transactions"]?["amount"]?.stringValue)
        let value = try #require(ExactAmount.parse(amount, decimals: 2))
        #expect(document.contains(ExactAmount.grouped(Int128(value), decimals: 2)))
        #expect(document.contains("p_Zk3fW0o1nQ7vX2mB9sLr5A"))
        // Whatever hostile text is there, the browser made no element of it.
        #expect(!document.contains("<script") && !document.contains("<img"))
        #expect(try Browser.requests(netLog).isEmpty)
    }

    @Test("The browser's record tells of a page that does ask for something")
    func control() async throws {
        let base = try LogFixture()
        let page = "\(base.root)/page.html"
        try LogFixture.write(page, Array("<img src=\"http://example.invalid/x.png\">".utf8))
        let netLog = "\(base.root)/net.json"
        _ = try await Browser.dump(page, home: base.root, netLog: netLog)
        #expect(try Browser.requests(netLog).count == 1)
    }
}

/// Chromium without a window and without a network.
enum Browser {
    static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .first { DurableFiles.exists($0) }

    /// Who asked for what in a browser's record: pages alone. What the browser asks for of its own
    /// accord is marked "not an origin".
    static func requests(_ netLog: String) throws -> [String] {
        String(decoding: try DurableFiles.read(netLog), as: UTF8.self)
            .matches(of: /"initiator":"([^"]*)"/).map { String($0.1) }
            .filter { $0 != "not an origin" }
    }

    /// The document after loading, as HTML.
    static func dump(_ page: String, home: String, netLog: String) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path ?? "")
        process.arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--disable-background-networking", "--disable-component-update", "--no-first-run",
            "--user-data-dir=\(home)/browser", "--log-net-log=\(netLog)",
            "--host-resolver-rules=MAP * 0.0.0.0", "--dump-dom", "file://\(page)",
        ]
        let output = "\(home)/document.html"
        try LogFixture.write(output, [])
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle.nullDevice
        let ended = AsyncStream<Void> { stream in
            process.terminationHandler = { _ in stream.finish() }
        }
        try process.run()
        for await _ in ended {}
        return String(decoding: try DurableFiles.read(output), as: UTF8.self)
    }
}
