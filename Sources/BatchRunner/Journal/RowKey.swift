/// Names one row: its file and its number there, from 1. Not its line: the items of a JSON batch
/// may all stand on one line.
struct RowKey: Sendable, Hashable {
    var fileID: String
    var row: Int
}
