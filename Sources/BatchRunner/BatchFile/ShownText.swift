/// Text of a stranger made fit for a message: printable, short, and without a number that could be
/// someone's account or phone: of seven digits or more only the last four are shown.
/// - Parameter limit: the most that is shown, in Unicode scalars.
func shown(_ text: String, limit: Int = 40) -> String {
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
