/// One cell of a record, as places in the scanned text.
struct CSVCell: Equatable {
    /// Where the cell begins, an opening quote included.
    var at: Int
    /// Its content: without quotes around it.
    var start: Int
    var end: Int
    /// Whether the content holds doubled quotes.
    var isDoubled = false
}

/// Finds the end of a CSV record and its cells in one pass (RFC 4180).
///
/// A record is always delimited in the same way, right or wrong: a quote opens only at the start
/// of a cell; whatever follows a closing quote belongs to the cell up to the next comma or line
/// ending, and is a fault.
struct CSVScanner {
    /// The cells of the record scanned last.
    private(set) var cells: [CSVCell] = []
    /// The first fault of its quoting: the cell's index, and what is wrong.
    private(set) var problem: (cell: Int, message: String)?
    /// Bytes of the record without its line ending.
    private(set) var length = 0
    /// Whether a cell spans lines.
    private(set) var spansLines = false
    /// When no end was found: whether a quote is open.
    private(set) var isQuoteOpen = false

    private var at = 0
    private var newline = 0
    private var quote = 0
    private var carriageReturn = 0
    private var endsRecord = false

    private static let lineFeed: UInt8 = 0x0A
    private static let comma: UInt8 = 0x2C
    private static let quoteByte: UInt8 = 0x22

    /// Scans the record at the front of `text`: the bytes up to and with its line ending, or nil
    /// when the text ends first. With `endsRecord` the end of the text ends the record.
    mutating func scan(_ text: UnsafeRawBufferPointer, endsRecord: Bool = false) -> Int? {
        cells.removeAll(keepingCapacity: true)
        problem = nil
        spansLines = false
        isQuoteOpen = false
        self.endsRecord = endsRecord
        at = 0
        (newline, quote, carriageReturn) = (-1, -1, -1)
        while true {
            let isQuoted = at < text.count && text[at] == Self.quoteByte
            guard let next = isQuoted ? quotedCell(text) : plainCell(text, from: at, at: at)
            else { return nil }
            guard next < text.count else { return endsRecord ? finish(text, next) : nil }
            if text[next] == Self.lineFeed { return finish(text, next) + 1 }
            at = next + 1
        }
    }

    private mutating func finish(_ text: UnsafeRawBufferPointer, _ end: Int) -> Int {
        length = end
        if end > 0, end < text.count, text[end - 1] == 0x0D { length = end - 1 }
        return end
    }

    /// A cell without quotes from `start` on; the place of the comma or line feed after it.
    private mutating func plainCell(
        _ text: UnsafeRawBufferPointer, from start: Int, at cellStart: Int
    ) -> Int? {
        if newline < start {
            guard let found = place(of: Self.lineFeed, in: text, from: start) else { return nil }
            newline = found
        }
        let next = find(Self.comma, in: text, from: start, to: newline) ?? newline
        var end = next
        if next == newline, newline < text.count, end > start, text[end - 1] == 0x0D { end -= 1 }
        check(text, from: start, to: end)
        cells.append(CSVCell(at: cellStart, start: cellStart, end: end))
        return next
    }

    private mutating func place(
        of byte: UInt8, in text: UnsafeRawBufferPointer, from start: Int
    ) -> Int? {
        find(byte, in: text, from: start, to: text.count) ?? (endsRecord ? text.count : nil)
    }

    private mutating func check(_ text: UnsafeRawBufferPointer, from start: Int, to end: Int) {
        if quote < start {
            quote = find(Self.quoteByte, in: text, from: start, to: newline) ?? newline
        }
        if quote < end { note("a quote inside a cell that does not begin with one") }
        if carriageReturn < start {
            carriageReturn = find(0x0D, in: text, from: start, to: newline) ?? newline
        }
        if carriageReturn < end { note("a carriage return without a line feed after it") }
    }

    /// A quoted cell; the place of the comma or line feed after it.
    private mutating func quotedCell(_ text: UnsafeRawBufferPointer) -> Int? {
        var cell = CSVCell(at: at, start: at + 1, end: at + 1)
        var from = at + 1
        while true {
            guard let close = find(Self.quoteByte, in: text, from: from, to: text.count) else {
                isQuoteOpen = true
                guard endsRecord else { return nil }
                note("a quoted cell that is not closed")
                cell.end = text.count
                cells.append(cell)
                return text.count
            }
            if close + 1 < text.count, text[close + 1] == Self.quoteByte {
                cell.isDoubled = true
                from = close + 2
                continue
            }
            cell.end = close
            return afterQuote(text, cell)
        }
    }

    private mutating func afterQuote(_ text: UnsafeRawBufferPointer, _ cell: CSVCell) -> Int? {
        if find(Self.lineFeed, in: text, from: cell.start, to: cell.end) != nil {
            spansLines = true
        }
        var next = cell.end + 1
        guard next < text.count || endsRecord else { return nil }
        if next + 1 < text.count, text[next] == 0x0D, text[next + 1] == Self.lineFeed { next += 1 }
        if next == text.count || text[next] == Self.comma || text[next] == Self.lineFeed {
            cells.append(cell)
            return next
        }
        if next + 1 == text.count, text[next] == 0x0D, !endsRecord { return nil }
        note("bytes between a closing quote and the next comma; double the quotes inside a cell")
        return plainCell(text, from: next, at: cell.at)
    }

    private mutating func note(_ message: String) {
        if problem == nil { problem = (cells.count, message) }
    }

    /// A cell of a record that ends with the text, as it is written again for whoever mends it. One that
    /// is quoted wrongly stands as it came: in right quotes it would be taken the next time, with a text
    /// that nobody meant. One that is not closed gets a quote and a blank behind it, which end it and
    /// are wrong too.
    static func written(_ cell: CSVCell, in text: UnsafeRawBufferPointer) -> String {
        // A cell whose content begins with it has no quotes around it, or not the right ones.
        guard cell.start > cell.at else { return string(cell, in: text) }
        guard cell.end == text.count else { return CSVText.cell(string(cell, in: text)) }
        let raw = UnsafeRawBufferPointer(rebasing: text[cell.at..<cell.end])
        return String(decoding: raw, as: UTF8.self) + "\" "
    }

    /// The text of a cell, doubled quotes made single.
    static func string(_ cell: CSVCell, in text: UnsafeRawBufferPointer) -> String {
        let content = UnsafeRawBufferPointer(rebasing: text[cell.start..<cell.end])
        guard cell.isDoubled else { return String(decoding: content, as: UTF8.self) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.count)
        var index = 0
        while index < content.count {
            bytes.append(content[index])
            index += content[index] == quoteByte ? 2 : 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
