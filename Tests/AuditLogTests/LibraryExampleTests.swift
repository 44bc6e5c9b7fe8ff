import AuditLog
import Foundation
import OrderedJSON
import Testing

@Suite("The library as docs/library.md shows it")
struct LibraryExampleTests {
    @Test("The code of the document runs as it stands, with what is public alone")
    func example() async throws {
        let fixture = try LogFixture()
        let folder = fixture.root
        // Write
        let rootKey = try AuditLog.create(
            at: "\(folder)/audit", keys: "\(folder)/state/keys",
            options: CreationOptions(origin: "example.com/doors", actor: "installer"))

        let log = try await AuditLog.open(
            at: "\(folder)/audit", keys: "\(folder)/state/keys",
            options: OpenOptions(actor: "door-controller", origin: "gate-3"))
        let events = try await log.append([
            EventDraft(
                type: "door.opened", actor: "badge 7", outcome: .success, origin: "gate-3",
                subject: ["reference": "R1"], data: ["account": "0917 123 4567"])
        ])
        try await log.close()
        // Read, search, verify
        let reader = try AuditReader(directory: "\(folder)/audit")
        try reader.forEach { event in print(event.sequence, event.time, event.type) }

        var query = AuditQuery()
        query.subject = [("reference", "R1")]
        let account = try reader.search(query) { found in print(found.data["account"] ?? .null) }

        let report = Verifier(directory: "\(folder)/audit", key: rootKey).verify()
        print(report.isIntact, report.proved, report.notProved, report.findings)
        // End
        #expect(events.count == 1 && events[0].data["account"]?["masked"] != nil)
        #expect(account.found == 1)
        #expect(report.isIntact)
    }

    @Test("The document shows this very code")
    func document() throws {
        let here = URL(filePath: #filePath)
        let root = here.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let code = try String(contentsOf: here, encoding: .utf8)
            .components(separatedBy: "        // Write\n")[1]
            .components(separatedBy: "        // End\n")[0]
            .components(separatedBy: "        // Read, search, verify\n")
        let text = try String(contentsOf: root.appending(path: "docs/library.md"), encoding: .utf8)
        for part in code {
            let lines = part.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.hasPrefix("        ") ? String($0.dropFirst(8)) : String($0) }
            #expect(text.contains(lines.joined(separator: "\n")))
        }
    }
}
