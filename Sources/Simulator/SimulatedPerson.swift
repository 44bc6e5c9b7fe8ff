import DurableFiles
import OrderedJSON

/// Somebody who settles what is held by `batchrunner resolve`, handed to the daemon, and is not always
/// right. Whatever SkyPay contradicts has to be refused.
final class SimulatedPerson {
    /// Where words are left for the daemon.
    private let folder: String
    private(set) var words = 0
    /// What says that somebody waits for an answer: a word without one is thrown away.
    private var waiting: [FolderLock] = []

    /// - Parameter root: the site.
    init(root: String) { folder = root + "/state/resolve" }

    /// Waits no more for any answer, as when its terminal is closed.
    func leave() { waiting = [] }

    /// Leaves a word about one payout, order or transfer that is held; about one in two of them.
    func look(_ story: LogStory, _ chance: inout Chance) -> String? {
        let payouts = story.rows.values.filter { $0.last == "payout.held" }.map(\.number)
        let requests = story.rows.filter { $0.value.last == "batch.request-held" }.map(\.key)
        let held = payouts.sorted() + requests.sorted()
        guard !held.isEmpty, chance.oneIn(2), DurableFiles.isFolder(folder) else { return nil }
        let place = chance.below(held.count)
        let isPayout = place < payouts.count
        let said = isPayout ? ["paid", "failed", "resend"] : ["done", "failed"]
        let outcome = said[chance.below(said.count)]
        let word: JSONValue = [
            isPayout ? "controlNumber" : "row": .string(held[place]), "as": .string(outcome),
            "reason": "the payee was asked", "by": "Maria",
        ]
        words += 1
        guard let lock = try? FolderLock(path: folder + "/word-\(words).giver") else { return nil }
        waiting.append(lock)
        _ = try? DurableFiles.replace(folder + "/word-\(words).json", word.bytes())
        return "somebody says: \(held[place]) \(outcome)"
    }
}
