import Foundation
import SkyPay
import Testing

@Suite("docs/skypay-protocol.md")
struct DocumentTests {
    private let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test("The document's field tables are the tables the checks are made from")
    func fieldTables() throws {
        let document = try text("docs/skypay-protocol.md")
        // Made anew by `batchrunner fields --markdown`.
        #expect(document.contains(ActionTable.markdownDocument))
        for (code, summary) in ReturnCode.table {
            #expect(document.contains("| \(code.rawValue) | \(summary) |"))
        }
    }

    /// The rows of the directory: what is proved, and by which tests.
    private func directory() throws -> [(subject: String, tests: [String])] {
        let document = try text("docs/skypay-protocol.md")
        let section = document.components(separatedBy: "## The directory").dropFirst().first
        let lines = (section ?? "").components(separatedBy: "\n## ")[0].split(separator: "\n")
        return lines.filter { $0.hasPrefix("| ") }.compactMap { line in
            let cells = line.split(separator: "|").map(String.init)
            guard cells.count == 3 else { return nil }
            let tests = cells[2].matches(of: /`(\w+\.\w+)`/).map { String($0.1) }
            return tests.isEmpty ? nil : (cells[1], tests)
        }
    }

    @Test("Every action, callback and catalog stands in the directory")
    func directoryIsWhole() throws {
        let subjects = try directory().map(\.subject).joined(separator: " ")
        let words = Set(subjects.split { !$0.isLetter && !$0.isNumber }.map(String.init))
        let tables = (ActionTable.batchActions + ActionTable.callbacks).map(\.name)
        for name in tables + CatalogKind.allCases.map(\.rawValue) {
            #expect(words.contains(name), "\(name)")
        }
        #expect(try directory().count == 20)
    }

    @Test("The tests that prove the directory's rows exist")
    func directoryIsProved() throws {
        for test in try directory().flatMap(\.tests) {
            let parts = test.split(separator: ".")
            let source = try text("Tests/EndToEndTests/\(parts[0]).swift")
            #expect(source.contains("struct \(parts[0]) "), "\(test)")
            #expect(source.contains("    func \(parts[1])("), "\(test)")
        }
    }
}
