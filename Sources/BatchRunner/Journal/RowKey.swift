/// Names one row: its file and its number there, from 1. Not its line: the items of a JSON batch
/// may all stand on one line.
struct RowKey: Sendable, Hashable {
    var fileID: String
    var row: Int

    /// As people write it: `20261121-000001/3`.
    var text: String { "\(fileID)/\(row)" }
}

extension RowKey {
    /// Reads what `text` writes; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let row = Int(parts[1]), row > 0 else {
            return nil
        }
        self.init(fileID: String(parts[0]), row: row)
    }
}
