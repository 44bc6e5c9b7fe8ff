/// Why reading ends before the file's end. Thrown inside this folder only: `BatchReader` turns it
/// into a verdict.
enum ReadStop: Error, Equatable {
    /// More bytes could complete the file.
    case incomplete(String)
    /// No more bytes can mend it.
    case rejected([Fault])

    /// A rejection for one fault.
    static func fault(
        _ code: String, _ message: String, line: Int? = nil, column: Int? = nil,
        item: Int? = nil, field: String? = nil
    ) -> ReadStop {
        .rejected([
            Fault(
                line: line, column: column, item: item, field: field, code: code,
                message: message)
        ])
    }
}

/// What stops the bytes themselves; `TextWindow` adds line and column.
enum SourceFault: Error, Equatable, CustomStringConvertible {
    /// The bytes end too soon.
    case incomplete(String)
    /// The bytes cannot be read on from here.
    case damaged(code: String, message: String)

    var description: String {
        switch self {
        case .incomplete(let missing): missing
        case .damaged(_, let message): message
        }
    }
}
