/// "Did you mean …?" for names that are nearly right.
enum Suggestion {
    /// The known name nearest to `name`, when it is near enough to be what was meant.
    static func nearest(to name: String, among known: [String]) -> String? {
        let wanted = Array(name.lowercased().utf8)
        guard wanted.count <= maxLength else { return nil }
        let allowed = max(1, wanted.count / 3)
        let best =
            known
            .map { (name: $0, distance: distance(wanted, Array($0.lowercased().utf8))) }
            .min { $0.distance < $1.distance }
        guard let best, best.distance <= allowed else { return nil }
        return best.name
    }

    /// The sentence with a space before it, or nothing.
    static func sentence(for name: String, among known: [String]) -> String {
        nearest(to: name, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
    }

    /// Longer names are nobody's misspelling, and the distance costs length times length.
    private static let maxLength = 60

    /// Levenshtein's distance in bytes.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let substituted = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, diagonal + 1, row[j] + 1)
            }
        }
        return row[right.count]
    }
}

/// Text of a stranger made fit for a message: printable, short, and without a number that could be
/// someone's account or phone: of seven digits or more only the last four are shown.
func shown(_ text: String) -> String {
    let limit = 40
    var digitsLeft = text.unicodeScalars.count { ("0"..."9").contains($0) }
    let masks = digitsLeft >= 7
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        guard clean.count < limit else { return String(clean) + "…" }
        if ("0"..."9").contains(scalar) {
            clean.append(masks && digitsLeft > 4 ? "*" : scalar)
            digitsLeft -= 1
        } else {
            clean.append(scalar.properties.isControl ? "\u{FFFD}" : scalar)
        }
    }
    return String(clean)
}

extension Unicode.Scalar.Properties {
    /// Control, format, line and paragraph separators: what must not reach a terminal.
    fileprivate var isControl: Bool {
        switch generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
