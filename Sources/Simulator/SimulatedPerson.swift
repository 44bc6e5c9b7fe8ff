import DurableFiles
import OrderedJSON

/// Somebody who settles held payouts by `batchrunner resolve`, handed to the daemon, and is not always
/// right. Whatever SkyPay contradicts has to be refused.
final class SimulatedPerson {
    /// Where words are left for the daemon.
    private let folder: String
    private(set) var words = 0

    /// - Parameter root: the site.
    init(root: String) { folder = root + "/state/resolve" }

    /// Leaves a word about one payout that is held; about one in two of them.
    func look(_ story: LogStory, _ chance: inout Chance) -> String? {
        let held = story.rows.values.filter { $0.last == "payout.held" }.map(\.number).sorted()
        guard !held.isEmpty, chance.oneIn(2), DurableFiles.isFolder(folder) else { return nil }
        let number = held[chance.below(held.count)]
        let outcome = ["paid", "failed", "resend"][chance.below(3)]
        let word: JSONValue = [
            "controlNumber": .string(number), "as": .string(outcome),
            "reason": "the payee was asked", "by": "Maria",
        ]
        words += 1
        _ = try? DurableFiles.replace(folder + "/word-\(words).json", word.bytes())
        return "somebody says: \(number) \(outcome)"
    }
}
