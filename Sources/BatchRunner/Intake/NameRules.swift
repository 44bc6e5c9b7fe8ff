import Foundation

/// Which names in the inbox are files for us, which are none of our business, which are refused.
enum NameRules {
    /// Longest name, in bytes: room is left for what the runner puts around it.
    static let maxNameBytes = 200
    /// Longest name of a sender's folder, in bytes.
    static let maxSenderBytes = 32
    /// What uploading programs call files they are still writing.
    static let unfinishedSuffixes = [
        ".part", ".partial", ".filepart", ".tmp", ".writing", ".crdownload",
    ]
    /// The side file of NAME is NAME.ctl.
    static let sideSuffix = ".ctl"
    /// How `senders:` calls the inbox itself; no folder may have that name.
    static let defaultSender = "default"

    /// True for names that are never touched: hidden ones and unfinished uploads.
    static func isIgnored(_ name: RawName) -> Bool {
        if name.bytes.first == UInt8(ascii: ".") { return true }
        let lowered = RawName(bytes: name.bytes.map { (65...90).contains($0) ? $0 + 32 : $0 })
        return unfinishedSuffixes.contains(where: lowered.hasSuffix)
    }

    /// Why a name is refused, with what to do; nil when it is sane.
    static func fault(in name: RawName) -> String? {
        if name.bytes.count > maxNameBytes {
            return "the name is longer than \(maxNameBytes) bytes; shorten it"
        }
        guard let text = name.text else { return "the name is not UTF-8; rename the file" }
        // Bytes: a mark behind the hyphen would make another character of it.
        if text.isEmpty || text.utf8.first == UInt8(ascii: "-")
            || text.utf8.first == UInt8(ascii: ".")
        {
            return "the name starts with \"-\" or \".\"; rename the file"
        }
        // The audit log judges text that begins so as JSON, and takes no secrets and no card numbers
        // in it. Digits that could be a card's elsewhere are masked in what is recorded.
        if PersonalData.mayBeJSON(text) {
            return "the name looks like JSON; rename the file"
        }
        if text.unicodeScalars.contains(where: isForbidden) {
            return "the name holds control characters; rename the file"
        }
        if !isNormal(text) {
            return "the name is not in Unicode's composed form (NFC); rename the file"
        }
        if endsLikeACopy(name) {
            return "names ending in \"~\" and digits are kept for answers; rename the file"
        }
        return nil
    }

    /// True when a folder of this name in the inbox is a sender's: letters, digits, `-`, `_`,
    /// no dot, so that a folder named like a file is not one.
    static func isSender(_ name: RawName) -> Bool {
        guard let first = name.bytes.first, first != UInt8(ascii: "-"),
            name.bytes.count <= maxSenderBytes, name != RawName(defaultSender)
        else { return false }
        return name.bytes.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 95: true
            default: false
            }
        }
    }

    /// `…~2`: how answers to a second file of one name are called.
    private static func endsLikeACopy(_ name: RawName) -> Bool {
        let digits = name.bytes.reversed().prefix { (48...57).contains($0) }
        return !digits.isEmpty && name.bytes.dropLast(digits.count).last == UInt8(ascii: "~")
    }

    private static func isNormal(_ text: String) -> Bool {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return true }
        return Array(text.precomposedStringWithCanonicalMapping.utf8) == Array(text.utf8)
    }

    /// Control characters, line ends, and the marks that turn the direction of writing: a name must
    /// look like what it is.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default:
            (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
    }
}
