public import DurableFiles
internal import OrderedJSON

/// Reads single rows of a batch again, by their places in the private copy.
///
/// Give it the inflated copy (`BatchReader.inflate`). Every row comes out as `BatchReader` gave it.
/// It may be shared: it reads by place.
public final class RowReader: Sendable {
    private let file: InputFile
    private let form: BatchForm
    private let columns: [String]
    private let limits: BatchLimits

    /// Opens the private copy of a whole batch.
    /// - Parameters:
    ///   - path: the plain text.
    ///   - form: the form, as `BatchSummary` has it.
    ///   - columns: the columns, as `BatchSummary` has them; not used for JSON.
    public init(
        path: String, form: BatchForm, columns: [String], limits: BatchLimits = .standard
    ) throws(FileError) {
        file = try InputFile(path: path)
        self.form = form
        self.columns = columns
        self.limits = limits
    }

    /// The row at a place.
    /// - Parameters:
    ///   - location: where `BatchReader` found it.
    ///   - line: the line it found it on, for faults and positions.
    ///   - column: the column it found it at.
    ///   - item: the item of a JSON batch.
    /// - Throws: `FileError`, or `RowGone` when the place does not hold the row any more.
    public func row(
        at location: RowLocation, line: Int, column: Int = 1, item: Int? = nil
    ) throws -> BatchRow {
        let text = try text(at: location)
        guard form.isCSV else {
            let place = JSONRowParser.Place(
                line: line, column: column, offset: location.offset, item: item)
            do {
                return try JSONRowParser(fields: .beforeAction, limits: limits)
                    .row(text, at: place)
            } catch is ReadStop {
                throw RowGone(path: file.path, location: location)
            }
        }
        let parser = CSVRowParser(columns: columns, form: form)
        return text.withUnsafeBytes { text in
            var scanner = CSVScanner()
            _ = scanner.scan(text, endsRecord: true)
            return parser.row(scanner, in: text, line: line, offset: location.offset)
        }
    }

    /// The bytes of a row.
    func text(at location: RowLocation) throws -> [UInt8] {
        let text = try file.bytes(at: location.offset, length: location.length)
        guard text.count == location.length else {
            throw RowGone(path: file.path, location: location)
        }
        return text
    }

    /// The cells of a CSV row, without the one that tells its type, for the file of refused rows.
    func cells(at location: RowLocation) throws -> [RefusedCell] {
        try text(at: location).withUnsafeBytes { text in
            var scanner = CSVScanner()
            _ = scanner.scan(text, endsRecord: true)
            return scanner.cells.dropFirst(form == .typedCSV ? 1 : 0).map { cell in
                RefusedCell(
                    content: CSVScanner.string(cell, in: text),
                    written: CSVScanner.written(cell, in: text))
            }
        }
    }

    /// The members of a JSON row, as they are written.
    func members(at location: RowLocation) throws -> [JSONItem.Member] {
        do {
            return try JSONItem(text(at: location), limits: .standard).members
        } catch is JSONFault {
            throw RowGone(path: file.path, location: location)
        }
    }
}

/// A cell of a refused CSV row.
struct RefusedCell {
    /// Its text, as `BatchReader` gave it.
    var content: String
    /// As it is written again: right cells in as few quotes as they need, wrong ones as they came.
    var written: String
}

/// A private copy that does not hold a row where it held it before: it was changed.
public struct RowGone: Error, Sendable, Equatable, CustomStringConvertible {
    /// The private copy.
    public let path: String
    /// Where the row was.
    public let location: RowLocation

    /// What happened, and what to do.
    public var description: String {
        "\(path): no row at byte \(location.offset): the private copy was changed; "
            + "restore it from a backup before anything else is sent"
    }
}
