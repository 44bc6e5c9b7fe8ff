/// A table as comma-separated values (RFC 4180), read by rules of its own: the judge shares none with
/// the runner.
struct Table: Sendable, Equatable {
    var columns: [String]
    var records: [[String]]

    /// Nil when the bytes are no table whose records all have its columns.
    init?(csv bytes: [UInt8]) {
        guard let all = Self.records(bytes), let columns = all.first,
            all.allSatisfy({ $0.count == columns.count })
        else { return nil }
        self.columns = columns
        records = Array(all.dropFirst())
    }

    private static func records(_ bytes: [UInt8]) -> [[String]]? {
        let (quote, comma, end) = (UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "\n"))
        var (records, record, cell): ([[String]], [String], [UInt8]) = ([], [], [])
        var (isQuoted, place) = (false, 0)
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if isQuoted {
                if byte != quote {
                    cell.append(byte)
                } else if place < bytes.count, bytes[place] == quote {
                    cell.append(quote)
                    place += 1
                } else {
                    isQuoted = false
                }
                continue
            }
            switch byte {
            case quote: isQuoted = true
            case comma, end:
                if byte == end, cell.last == UInt8(ascii: "\r") { cell.removeLast() }
                record.append(String(decoding: cell, as: UTF8.self))
                cell = []
                if byte == end {
                    records.append(record)
                    record = []
                }
            default: cell.append(byte)
            }
        }
        // Every record ends with its line: what is left over was cut.
        return isQuoted || !cell.isEmpty || !record.isEmpty ? nil : records
    }
}
