import Foundation
import SkyPay
import Testing

@Suite("docs/skypay-protocol.md")
struct DocumentTests {
    @Test("The document's field tables are the tables the checks are made from")
    func fieldTable() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let document = try String(
            contentsOf: root.appending(path: "docs/skypay-protocol.md"), encoding: .utf8)
        // Made anew by `batchrunner fields --markdown`.
        #expect(document.contains(ActionTable.markdownDocument))
        for (code, summary) in ReturnCode.table {
            #expect(document.contains("| \(code.rawValue) | \(summary) |"))
        }
    }
}
