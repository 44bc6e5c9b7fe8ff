import DurableFiles
import OrderedJSON

/// `state/resolve`: where a command leaves its word for the daemon that holds the site, and finds the
/// answer. The folder is as private as the keys. A word is taken by renaming it, so that it is worked
/// on once; one that a crash left behind is thrown away, and whoever gave it was told to look.
struct ResolutionSpool: Sendable {
    let folder: String

    private static let waiting = ".json"
    private static let taken = ".taken"
    private static let answer = ".answer"
    /// Bytes of a word or an answer, at most.
    static let maxBytes = 16_384
    /// Words looked at in one round.
    private static let maxWords = 100
    /// Names read in one look.
    private static let maxNames = 10_000

    /// Leaves a word; `id` names it.
    func put(_ resolution: Resolution, id: String) throws {
        try DurableFiles.makeFolder(folder, mode: DurableFiles.folderMode)
        try DurableFiles.createOnce(
            path(id, Self.waiting), JSONValue.object(resolution.json).bytes())
    }

    /// Takes a word back; false when the daemon has it.
    func withdraw(_ id: String) throws -> Bool {
        guard DurableFiles.exists(path(id, Self.waiting)) else { return false }
        do throws(FileError) {
            try DurableFiles.move(path(id, Self.waiting), to: path(id, ".withdrawn"))
        } catch {
            return false
        }
        try DurableFiles.remove(path(id, ".withdrawn"))
        return true
    }

    /// The daemon's answer; nil while there is none. It is gone once read.
    func takeAnswer(_ id: String) throws -> ResolutionReport? {
        let path = path(id, Self.answer)
        guard DurableFiles.exists(path) else { return nil }
        let object = try JSONValue(parsing: DurableFiles.read(path, limit: Self.maxBytes))
        try DurableFiles.remove(path)
        return object.objectValue.flatMap(ResolutionReport.init)
    }

    /// True when a word waits.
    var isWaiting: Bool { !names(Self.waiting).isEmpty }

    /// The daemon's round: every word that waits gets its answer.
    func answerAll(
        _ resolve: (Resolution) async throws -> ResolutionReport
    ) async throws {
        for id in names(Self.waiting).prefix(Self.maxWords) {
            // Withdrawn just now: nobody waits for it.
            guard (try? DurableFiles.move(path(id, Self.waiting), to: path(id, Self.taken))) != nil
            else { continue }
            let bytes = try DurableFiles.read(path(id, Self.taken), limit: Self.maxBytes)
            let word = try? JSONValue(parsing: bytes).objectValue.flatMap(Resolution.init)
            let report: ResolutionReport
            if let word = word ?? nil {
                report = try await resolve(word)
            } else {
                report = ResolutionReport(.usage, "this is no resolution")
            }
            try DurableFiles.createOnce(
                path(id, Self.answer), JSONValue.object(report.json).bytes())
            try DurableFiles.remove(path(id, Self.taken))
        }
    }

    /// Throws away what an earlier daemon left.
    func clear() {
        for suffix in [Self.waiting, Self.taken, Self.answer] {
            for id in names(suffix) { try? DurableFiles.remove(path(id, suffix)) }
        }
    }

    private func path(_ id: String, _ suffix: String) -> String { "\(folder)/\(id)\(suffix)" }

    private func names(_ suffix: String) -> [String] {
        guard DurableFiles.isFolder(folder),
            let found = try? OpenFolder(site: folder).names(limit: Self.maxNames)
        else { return [] }
        return found.compactMap(\.text).filter { !$0.hasPrefix(".") && $0.hasSuffix(suffix) }
            .map { String($0.dropLast(suffix.count)) }.sorted()
    }
}
