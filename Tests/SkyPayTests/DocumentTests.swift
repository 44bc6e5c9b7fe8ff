import Foundation
import SkyPay
import Testing

@Suite("docs/skypay-protocol.md")
struct DocumentTests {
    @Test("The document's field table is the table the checks are made from")
    func fieldTable() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let document = try String(
            contentsOf: root.appending(path: "docs/skypay-protocol.md"), encoding: .utf8)
        #expect(document.contains(PayoutQueueFields.markdownTable))
        for (code, summary) in ReturnCode.table {
            #expect(document.contains("| \(code.rawValue) | \(summary) |"))
        }
    }
}
