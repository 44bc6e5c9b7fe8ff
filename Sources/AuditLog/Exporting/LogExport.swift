import DurableFiles

/// What is exported.
public enum ExportFormat: String, Sendable, CaseIterable {
    /// The exact lines.
    case jsonl
    /// A table, one row an event (RFC 4180).
    case csv
    /// Everything under the published checkpoint as C2SP tlog-tiles.
    case tiles
    /// A folder that a stranger checks offline.
    case evidence
}

/// Which events are exported; every condition given must hold.
public struct ExportSelection: Sendable {
    /// Conditions as in a search.
    public var query = AuditQuery()
    /// The lowest number.
    public var first: UInt64 = 0
    /// The highest number.
    public var last: UInt64?

    /// Every event.
    public init() {}
}

/// What an export came to.
public struct ExportSummary: Sendable {
    /// Events exported.
    public let events: UInt64
    /// Of these, how many no checkpoint covers yet.
    public let unsigned: UInt64
}

/// Makes files out of a log for others. The output is made under a hidden name and renamed when it
/// is whole and durable; a name that is taken is refused. Needs no key; works on a live log.
public struct LogExport {
    /// The most events of one evidence folder: a proof each.
    public static let evidenceLimitEvents = 10_000

    private let directory: String
    private let output: String

    /// - Parameters:
    ///   - directory: the log's folder.
    ///   - output: the file or folder to be made.
    public init(directory: String, output: String) {
        self.directory = directory
        self.output = output
    }

    /// Exports; returns what was.
    /// - Throws: `exists` when the output is there, `missing` when no event fits or the log does not
    ///   hold what is needed, `damaged` when events do not lead to the signed root, `file`.
    public func run(
        _ format: ExportFormat, _ selection: ExportSelection = ExportSelection(),
        progress: @escaping (UInt64) -> Void = { _ in }
    ) throws -> ExportSummary {
        if DurableFiles.exists(output) {
            throw AuditLogError(.exists, "\(output) is there already: name another")
        }
        let source = try ExportSource(directory, selection, progress)
        switch format {
        case .jsonl: return try lines(source) { try JSONLinesExport.write(source, to: $0) }
        case .csv: return try lines(source) { try CSVExport.write(source, to: $0) }
        case .tiles:
            return try folder { try TilesExport(directory: directory).write(to: $0, progress) }
        case .evidence:
            return try folder { try EvidenceExport(directory: directory).write(source, to: $0) }
        }
    }

    private func lines(
        _ source: ExportSource, _ write: (ExportFile) throws -> UInt64
    ) throws -> ExportSummary {
        let file = try ExportFile(for: output)
        do {
            let events = try write(file)
            guard events > 0 else { throw ExportSource.nothing }
            try file.publish(as: output)
            return ExportSummary(events: events, unsigned: source.unsigned)
        } catch {
            file.discard()
            throw error
        }
    }

    private func folder(_ write: (String) throws -> UInt64) throws -> ExportSummary {
        let temporary = try DurableFiles.beginFolder(for: output)
        do {
            let events = try write(temporary)
            try DurableFiles.publish(temporary, as: output)
            return ExportSummary(events: events, unsigned: 0)
        } catch {
            DurableFiles.removeTree(temporary)
            throw error
        }
    }
}
