/// Finds card numbers (PCI DSS 3): 13–19 digits starting 2–6 that pass Luhn, plain or grouped
/// 4-4-4-4 or 4-6-5 by up to three spaces or dashes of any kind.
///
/// Digits are those of every script; what is not seen (zero-width characters, soft hyphens, combining
/// marks) is looked through. A run beside an ASCII letter, digit or underscore belongs to an
/// identifier (hashes, control numbers); letters of other scripts do not shield, since some write no
/// spaces. A run that starts with a date 20YYMMDD is a time or a batch id: no issuer has such numbers.
public enum CardNumber {
    static let digitLimits = 13...19
    private static let groupings = [[4, 4, 4, 4], [4, 6, 5]]
    /// Spaces and dashes between two groups: ` - ` at most.
    private static let gapLimit = 3

    private enum Mark: Equatable {
        case digit(UInt8)
        case word
        case space
        case dash
        case other
    }

    private struct Run {
        var start: Int
        var end: Int
        var count: Int { end - start }
    }

    /// True when the text holds a card number.
    public static func isFound(in text: String) -> Bool {
        guard mayHold(text) else { return false }
        let marks = text.unicodeScalars.compactMap(mark)
        let runs = digitRuns(marks)
        for (index, run) in runs.enumerated() {
            if isPlain(run, marks) || isGrouped(index, runs, marks) { return true }
        }
        return false
    }

    /// What a character is to the search: who masks looks with the same eyes, so that nothing is found
    /// in what is masked.
    package enum Sight: Sendable {
        case digit
        /// A space or a dash: groups of one number may stand on both sides.
        case gap
        /// Looked through.
        case unseen
        case other
    }

    /// What this character is to the search.
    package static func sight(of scalar: Unicode.Scalar) -> Sight {
        switch mark(scalar) {
        case .digit?: .digit
        case .space?, .dash?: .gap
        case .word?, .other?: .other
        case nil: .unseen
        }
    }

    /// True when a JSON number is one, its exponent and point worked in.
    static func isFound(inNumber text: String) -> Bool {
        // Without an exponent it has no more digits than bytes.
        if text.utf8.count < digitLimits.lowerBound, !text.utf8.contains(where: isExponentMark) {
            return false
        }
        let bytes = Array(text.utf8)
        guard bytes.count >= 3 else { return false }
        let exponentAt = bytes.firstIndex(where: isExponentMark) ?? bytes.count
        let exponent = Int(String(decoding: bytes.dropFirst(exponentAt + 1), as: UTF8.self)) ?? 0
        let mantissa = bytes[..<exponentAt].drop { $0 == 0x2D }
        let point = mantissa.firstIndex(of: 0x2E) ?? mantissa.endIndex
        let all = mantissa.filter { $0 != 0x2E }.map { $0 - 0x30 }
        var digits = Array(all.drop { $0 == 0 })
        let whole = point - mantissa.startIndex - (all.count - digits.count)
        let (length, overflow) = whole.addingReportingOverflow(exponent)
        guard !overflow, digitLimits.contains(length) else { return false }
        while digits.count < length { digits.append(0) }
        return isCard(Array(digits[..<length]))
    }

    private static func isExponentMark(_ byte: UInt8) -> Bool { byte == 0x65 || byte == 0x45 }

    /// A quick look that most texts end at: a card number needs one run of 13 digits or the runs of a
    /// grouping. Beyond ASCII, where runs are not seen so easily, 13 characters that may be digits.
    private static func mayHold(_ text: String) -> Bool {
        if text.utf8.count < digitLimits.lowerBound { return false }
        return text.withBytes { mayHold($0) }
    }

    private static func mayHold(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var run = 0
        var longest = 0
        var runs: (fours: Int, fives: Int, sixes: Int) = (0, 0, 0)
        var beyond = 0
        var digits = 0
        func endRun() {
            longest = max(longest, run)
            switch run {
            case 4: runs.fours += 1
            case 5: runs.fives += 1
            case 6: runs.sixes += 1
            default: break
            }
            run = 0
        }
        for byte in bytes {
            if 0x30...0x39 ~= byte {
                digits += 1
                run += 1
                continue
            }
            endRun()
            // Above ASCII every character has one byte from C0 on.
            if byte >= 0xC0 { beyond += 1 }
        }
        endRun()
        if beyond > 0 { return digits + beyond >= digitLimits.lowerBound }
        return longest >= digitLimits.lowerBound || runs.fours >= 4
            || (runs.fours > 0 && runs.fives > 0 && runs.sixes > 0)
    }

    /// Nil for what is not seen.
    private static func mark(_ scalar: Unicode.Scalar) -> Mark? {
        switch scalar.value {
        case 0x30...0x39: return .digit(UInt8(scalar.value - 0x30))
        case 0x41...0x5A, 0x61...0x7A, 0x5F: return .word
        case 0x2D: return .dash
        case 0x09...0x0D, 0x20, 0x85: return .space
        case 0..<0x80: return .other
        default: return markBeyondASCII(scalar)
        }
    }

    private static func markBeyondASCII(_ scalar: Unicode.Scalar) -> Mark? {
        let properties = scalar.properties
        if properties.isDefaultIgnorableCodePoint { return nil }
        switch properties.generalCategory {
        case .format, .nonspacingMark, .enclosingMark: return nil
        case .decimalNumber:
            return properties.numericValue.map { .digit(UInt8($0)) } ?? .other
        case .dashPunctuation: return .dash
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: return .space
        default: return minusSigns.contains(scalar.value) ? .dash : .other
        }
    }

    /// Dashes by their looks: hyphen bullet, minus sign, box-drawing line.
    private static let minusSigns: Set<UInt32> = [0x2043, 0x2212, 0x2500]

    private static func digitRuns(_ marks: [Mark]) -> [Run] {
        var runs: [Run] = []
        for (index, mark) in marks.enumerated() {
            guard case .digit = mark else { continue }
            if let last = runs.last, last.end == index {
                runs[runs.count - 1].end = index + 1
            } else {
                runs.append(Run(start: index, end: index + 1))
            }
        }
        return runs
    }

    private static func isPlain(_ run: Run, _ marks: [Mark]) -> Bool {
        digitLimits.contains(run.count) && !touchesWord(run.start, run.end, marks)
            && isCard(digits(run, marks))
    }

    private static func isGrouped(_ index: Int, _ runs: [Run], _ marks: [Mark]) -> Bool {
        for grouping in groupings where index + grouping.count <= runs.count {
            let group = Array(runs[index..<index + grouping.count])
            guard group.map(\.count) == grouping, areJoined(group, marks) else { continue }
            guard let first = group.first, let last = group.last else { continue }
            if touchesWord(first.start, last.end, marks) { continue }
            if continues(first.start - 1, step: -1, marks) { continue }
            if continues(last.end, step: 1, marks) { continue }
            if isCard(group.flatMap { digits($0, marks) }) { return true }
        }
        return false
    }

    private static func areJoined(_ group: [Run], _ marks: [Mark]) -> Bool {
        zip(group, group.dropFirst()).allSatisfy { left, right in
            right.start - left.end <= gapLimit
                && marks[left.end..<right.start].allSatisfy { $0 == .space || $0 == .dash }
        }
    }

    /// A dash with a letter or digit behind it: the groups are part of a longer identifier (UUID).
    private static func continues(_ place: Int, step: Int, _ marks: [Mark]) -> Bool {
        guard marks.indices.contains(place), marks[place] == .dash,
            marks.indices.contains(place + step)
        else { return false }
        return isWordOrDigit(marks[place + step])
    }

    private static func touchesWord(_ start: Int, _ end: Int, _ marks: [Mark]) -> Bool {
        (start > 0 && isWordOrDigit(marks[start - 1]))
            || (end < marks.count && isWordOrDigit(marks[end]))
    }

    private static func isWordOrDigit(_ mark: Mark) -> Bool {
        switch mark {
        case .digit, .word: true
        default: false
        }
    }

    private static func digits(_ run: Run, _ marks: [Mark]) -> [UInt8] {
        marks[run.start..<run.end].compactMap {
            if case .digit(let digit) = $0 { digit } else { nil }
        }
    }

    private static func isCard(_ digits: [UInt8]) -> Bool {
        guard let first = digits.first, (2...6).contains(first), !startsWithDate(digits) else {
            return false
        }
        return passesLuhn(digits)
    }

    private static func startsWithDate(_ digits: [UInt8]) -> Bool {
        guard digits[0] == 2, digits[1] == 0 else { return false }
        let month = digits[4] * 10 + digits[5]
        let day = digits[6] * 10 + digits[7]
        return (1...12).contains(month) && (1...31).contains(day)
    }

    private static func passesLuhn(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = Int(digit) * 2
            sum += place % 2 == 0 ? Int(digit) : doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0
    }
}
