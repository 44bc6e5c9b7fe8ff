internal import DurableFiles

/// Reads a batch file from its private copy: bytes in, rows or faults out, in constant memory.
public enum BatchReader {
    /// Reads a whole file and proves it against its own count, amount and digest.
    ///
    /// Rows are given out in the file's order as they are found, rows with faults included; they
    /// count only if the verdict is `whole`. A strict prefix of a valid file is never `whole`,
    /// but for one that lacks only white space after a JSON value (architecture.md, I8).
    /// - Parameters:
    ///   - path: the private copy, as dropped; gzip when `name` ends in `.gz`.
    ///   - name: the name it was dropped under, which tells its form together with its first bytes.
    ///   - sideFile: the content of `NAME.ctl`; nil when there is none (yet).
    ///   - contentSHA256: SHA-256 of the bytes at `path`, in lower-case hexadecimal.
    ///   - limits: what a file may cost.
    ///   - row: takes a row; what it throws ends the reading and is thrown on.
    /// - Throws: `FileError` when the copy cannot be read, and what `row` throws.
    public static func read(
        path: String, name: String, sideFile: [UInt8]? = nil, contentSHA256: String,
        limits: BatchLimits = .standard, row: (BatchRow) throws -> Void
    ) throws -> BatchReading {
        do {
            return .whole(
                try summary(path, name, sideFile, contentSHA256, limits, row))
        } catch ReadStop.incomplete(let missing) {
            return .incomplete(missing: missing)
        } catch ReadStop.rejected(let faults) {
            return .rejected(faults)
        }
    }

    private static func summary(
        _ path: String, _ name: String, _ sideFile: [UInt8]?, _ contentSHA256: String,
        _ limits: BatchLimits, _ row: (BatchRow) throws -> Void
    ) throws -> BatchSummary {
        let window = try window(path: path, name: name, limits: limits)
        let form = try form(of: window, name: name)
        let agreement = try sideFile.map { bytes in
            SideAgreement(
                side: try SideFile(bytes, of: name, limits: limits).header,
                sideName: "\(name).ctl", contentSHA256: contentSHA256)
        }
        if sideFile != nil, !form.needsSideFile {
            throw ReadStop.fault(
                FaultCode.header,
                "\(name) holds its own header and control totals: remove \(name).ctl")
        }
        switch form {
        case .typedCSV:
            var reading = TypedCSVReading(window, limits: limits)
            return try reading.read(row)
        case .json:
            var reading = JSONBatchReading(window, limits: limits)
            return try reading.read(row)
        case .plainCSV:
            var reading = PlainCSVReading(window, agreement: agreement, limits: limits)
            return try reading.read(sideName: "\(name).ctl", row)
        case .jsonLines:
            guard let agreement else {
                throw ReadStop.incomplete(
                    "waiting for \(name).ctl with batch, action, mode, count")
            }
            var reading = JSONLinesReading(window, agreement: agreement, limits: limits)
            return try reading.read(row)
        }
    }

    static func window(
        path: String, name: String, limits: BatchLimits
    ) throws -> TextWindow {
        do {
            let isGzip = ByteSource.isGzip(name: name)
            return try TextWindow(ByteSource(path: path, isGzip: isGzip, limits: limits))
        } catch SourceFault.damaged(let code, let message) {
            throw ReadStop.fault(code, message)
        }
    }

    static func form(of window: TextWindow, name: String) throws -> BatchForm {
        while window.count < 2, try window.fill() {}
        guard window.count > 0 else { throw ReadStop.incomplete("the file is empty") }
        switch BatchKind.sniff(name: name, head: window.prefix(min(window.count, 2))) {
        case .batch(let form): return form
        case .callback, .unknown:
            throw ReadStop.fault(
                FaultCode.syntax,
                "neither CSV nor JSON of a batch: a batch is a .csv with H, C, D, T records, "
                    + "a .json object with items, or a plain .csv or .jsonl with a .ctl beside it",
                line: 1, column: 1)
        }
    }

    /// Gives out the bytes of a file chunk by chunk, inflated when its name ends in `.gz` and
    /// otherwise as they are: what `RowReader` needs as its private copy.
    /// - Throws: `FileError`, what `sink` throws, and for a file that is damaged or past the limits
    ///   an error that says so; a file with a `whole` verdict is neither.
    public static func inflate(
        path: String, name: String, limits: BatchLimits = .standard,
        to sink: ([UInt8]) throws -> Void
    ) throws {
        let source = try ByteSource(
            path: path, isGzip: ByteSource.isGzip(name: name), limits: limits, checksText: false)
        var chunk: [UInt8] = []
        while try source.read(into: &chunk) {
            try sink(chunk)
            chunk.removeAll(keepingCapacity: true)
        }
    }
}
