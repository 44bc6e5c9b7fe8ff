import Foundation
import OrderedJSON

/// docs/events.md as its readers take it: what the data of an event may say.
struct EventPage: Sendable {
    /// The page of this repository, read once.
    static let own: Result<EventPage, any Error> = Result { try EventPage() }

    /// One row of a table.
    private struct Row: Sendable {
        /// Names of types; one that ends in `.` or `-` stands for all that begin with it.
        let types: [String]
        let fields: [String]

        func concerns(_ type: String) -> Bool {
            types.contains { name in
                name == type
                    || (name.hasSuffix(".") || name.hasSuffix("-")) && type.hasPrefix(name)
            }
        }
    }

    /// The prefixes that the log reserves for the runner; others' events are not on the page.
    private static let prefixes = [
        "file.", "batch.", "payout.", "callback.", "ledger.", "response.",
    ]

    private let rows: [Row]

    private init() throws {
        let page = URL(fileURLWithPath: Repository.root + "/docs/events.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        rows = text.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|")
            guard line.hasPrefix("|"), cells.count == 3 else { return nil }
            return Row(types: Self.quoted(cells[0]), fields: Self.quoted(cells[2]))
        }
    }

    /// Whatever stands between two backquotes.
    private static func quoted(_ cell: Substring) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// What these events say and the page does not: types without a row of their own, and fields, as
    /// `type: field`.
    func untold(in events: [JSONValue]) -> [String] {
        var fields: [String: Set<String>] = [:]
        var untold: Set<String> = []
        for event in events {
            guard let type = event["type"]?.stringValue,
                Self.prefixes.contains(where: { type.hasPrefix($0) })
            else { continue }
            if !rows.contains(where: { $0.types.contains(type) }) { untold.insert(type) }
            let told = fields[type] ?? Set(rows.filter { $0.concerns(type) }.flatMap(\.fields))
            fields[type] = told
            let said = event["data"]?.objectValue?.members.map(\.name) ?? []
            untold.formUnion(said.filter { !told.contains($0) }.map { "\(type): \($0)" })
        }
        return untold.sorted()
    }
}
