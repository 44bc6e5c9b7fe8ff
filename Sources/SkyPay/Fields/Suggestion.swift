/// "Did you mean …?" for names that are nearly right.
public enum Suggestion {
    /// The known name nearest to `name`, letter case set aside, when it is near enough to be what
    /// was meant: one edit, or one in three of its bytes.
    public static func nearest(to name: String, among known: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().utf8)
        guard wanted.count <= maxLength else { return nil }
        let allowed = max(1, wanted.count / 3)
        // A difference in length is as many edits at least, so most candidates cost nothing.
        let best =
            known
            .filter { abs($0.utf8.count - wanted.count) <= allowed }
            .map { (name: $0, distance: distance(wanted, Array($0.lowercased().utf8))) }
            .min { $0.distance < $1.distance }
        guard let best, best.distance <= allowed else { return nil }
        return best.name
    }

    /// The sentence with `; ` before it, or nothing.
    public static func sentence(for name: String, among known: some Sequence<String>) -> String {
        nearest(to: name, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
    }

    /// Longer names are nobody's misspelling, and the distance costs length times length.
    static let maxLength = 60

    /// Levenshtein's distance in bytes; two neighbours that changed places are one edit.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before = [Int](repeating: 0, count: right.count + 1)
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var next = [i + 1]
            for (j, b) in right.enumerated() {
                var edits = min(row[j] + (a == b ? 0 : 1), row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, a == right[j - 1], b == left[i - 1] {
                    edits = min(edits, before[j - 1] + 1)
                }
                next.append(edits)
            }
            (before, row) = (row, next)
        }
        return row[right.count]
    }
}
