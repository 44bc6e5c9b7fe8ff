import DurableFiles
import OrderedJSON
import SkyPay

/// A call by hand as the file it becomes: a batch of one row, under a name that no other file has.
struct DroppedCall: Sendable {
    /// Its name in the inbox.
    let name: String
    let bytes: [UInt8]

    /// - Parameter time: unix seconds; the day and time in the Philippines stand in the name.
    init(
        _ command: CallCommand, mode: String, at time: Int64,
        using random: inout some RandomNumberGenerator
    ) {
        // Letters: a running number beside the time could be taken for a card number.
        let mark = String(
            (0..<Self.markLetters).map { _ in Self.letters.randomElement(using: &random) ?? "a" })
        let stamp = PhilippineTime.rfc3339(unixSeconds: time).prefix(19).filter {
            $0 != "-" && $0 != ":"
        }
        let id = "\(stamp)-\(mark)"
        name = Self.prefix(command.action) + id + Self.suffix
        bytes = command.batch(id: "CALL-\(id)" + (command.isRepetition ? "-again" : ""), mode: mode)
    }

    /// Puts it into the inbox, whole or not at all.
    func drop(into folder: SiteFolder) throws {
        try DurableFiles.createOnce("\(folder.inbox)/\(name)", bytes)
    }

    /// What the names of an action's calls begin with.
    static func prefix(_ action: String) -> String { "call-\(action)-" }

    /// True for the name of a file that a call of this action became.
    static func isName(_ name: String, of action: String) -> Bool {
        name.hasPrefix(prefix(action)) && name.hasSuffix(suffix)
    }

    /// When a call with this name was made (unix seconds); nil for other names.
    static func madeAt(_ name: String) -> Int64? {
        let parts = name.split(separator: "-")
        guard parts.count == 4, parts[0] == "call", name.hasSuffix(suffix) else { return nil }
        let stamp = Array(parts[2])
        guard stamp.count == stampCharacters else { return nil }
        func text(_ range: Range<Int>) -> String { String(stamp[range]) }
        let time =
            "\(text(0..<4))-\(text(4..<6))-\(text(6..<11)):\(text(11..<13)):\(text(13..<15))"
        return EventTime.unixSeconds(time + "+08:00")
    }

    /// `20261121T101010`.
    private static let stampCharacters = 15

    /// The row of such a file; nil when its bytes are no batch of one row.
    static func row(_ bytes: [UInt8]) -> JSONObject? {
        guard let batch = try? JSONValue(parsing: bytes),
            let items = batch["items"]?.arrayValue, items.count == 1
        else { return nil }
        return items[0].objectValue
    }

    /// The longest file a call can become, in bytes: one row and its header.
    static let maxBytes = 2 * 65_536

    private static let suffix = ".json"
    private static let markLetters = 8
    private static let letters = Array("abcdefghijklmnopqrstuvwxyz")
}
