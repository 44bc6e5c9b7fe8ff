/// The nearest known word to one that was mistyped.
enum DidYouMean {
    /// The farthest distance that still counts as a slip, in edits.
    static let maxDistance = 3

    /// The candidate nearest to `word`, letter case set aside; nil when none is near.
    static func suggestion(for word: String, among candidates: [String]) -> String? {
        let wanted = Array(word.lowercased().utf8.prefix(64))
        let nearest = candidates.map { ($0, distance(wanted, Array($0.lowercased().utf8))) }
            .min { $0.1 < $1.1 }
        guard let (candidate, edits) = nearest, edits <= min(maxDistance, wanted.count / 2) else {
            return nil
        }
        return candidate
    }

    /// Levenshtein's distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (line, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in right.indices {
                let change = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
