import DurableFiles
import Glibc
import OrderedJSON

/// `state/resolve`: where a command leaves its word for the daemon that holds the site, and finds the
/// answer. The folder is as private as the keys. A word is taken by renaming it, so that it is worked
/// on once; one that a crash left behind is thrown away, and whoever gave it was told to look.
///
/// Beside each word lies a file that its giver holds locked while it waits. The kernel lets go of the
/// lock when the giver dies, however it dies: a word that nobody waits for is thrown away, and never
/// carried out later (docs/decisions/0023-resolve.md).
struct ResolutionSpool: Sendable {
    let folder: String

    private static let waiting = ".json"
    private static let taken = ".taken"
    private static let answer = ".answer"
    private static let giver = ".giver"
    /// Bytes of a word or an answer, at most.
    static let maxBytes = 16_384
    /// Words looked at in one round.
    private static let maxWords = 100
    /// Names read in one look.
    private static let maxNames = 10_000

    /// A word that was left, for as long as it is waited for.
    struct Left {
        let id: String
        fileprivate let lock: FolderLock
    }

    /// The name of a word: those given earlier come first.
    /// - Parameter random: tells apart what is given in the same microsecond.
    static func id(
        at time: (seconds: Int64, microseconds: Int32), random: UInt64
    ) -> String {
        let microseconds = time.seconds * 1_000_000 + Int64(time.microseconds)
        let text = String(microseconds)
        return String(repeating: "0", count: max(0, 20 - text.count)) + text + "-"
            + String(random, radix: 36)
    }

    /// Leaves a word; `id` names it. It counts while what is returned is kept.
    func put(_ resolution: Resolution, id: String) throws -> Left {
        try DurableFiles.makeFolder(folder, mode: DurableFiles.folderMode)
        guard let lock = try FolderLock(path: path(id, Self.giver)) else {
            throw FileError(operation: "lock", path: path(id, Self.giver), code: EEXIST)
        }
        try DurableFiles.createOnce(
            path(id, Self.waiting), JSONValue.object(resolution.json).bytes())
        return Left(id: id, lock: lock)
    }

    /// Whoever gave it waits no more: nothing of it stays but what the daemon has taken.
    func forget(_ left: Left) { try? DurableFiles.remove(path(left.id, Self.giver)) }

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

    /// The daemon's round: every word that waits and is waited for gets its answer, in the order in
    /// which they were given.
    func answerAll(
        _ resolve: (Resolution) async throws -> ResolutionReport
    ) async throws {
        for id in names(Self.waiting).prefix(Self.maxWords) {
            // Withdrawn just now: nobody waits for it.
            guard (try? DurableFiles.move(path(id, Self.waiting), to: path(id, Self.taken))) != nil
            else { continue }
            if FolderLock.isHeld(path: path(id, Self.giver)) {
                let report = try await answer(id, resolve)
                try DurableFiles.createOnce(
                    path(id, Self.answer), JSONValue.object(report.json).bytes())
            } else {
                try DurableFiles.remove(path(id, Self.giver))
            }
            try DurableFiles.remove(path(id, Self.taken))
        }
    }

    private func answer(
        _ id: String, _ resolve: (Resolution) async throws -> ResolutionReport
    ) async throws -> ResolutionReport {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try DurableFiles.read(path(id, Self.taken), limit: Self.maxBytes)
        } catch {
            guard error.code == EFBIG else { throw error }
            bytes = []
        }
        guard let word = (try? JSONValue(parsing: bytes))?.objectValue.flatMap(Resolution.init)
        else { return ResolutionReport(.usage, "this is no resolution") }
        return try await ResolutionReport.orRefusal { try await resolve(word) }
    }

    /// Throws away what an earlier daemon left.
    func clear() {
        for suffix in [Self.waiting, Self.taken, Self.answer] {
            for id in names(suffix) { try? DurableFiles.remove(path(id, suffix)) }
        }
        // Of those who still wait, each takes its own away.
        for id in names(Self.giver) where !FolderLock.isHeld(path: path(id, Self.giver)) {
            try? DurableFiles.remove(path(id, Self.giver))
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
