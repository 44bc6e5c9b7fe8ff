import Glibc
import Testing

@testable import AuditLog

/// How many of each kind: `AUDITLOG_GUARD_ROUNDS`, 4,000 unless told.
private let rounds =
    getenv("AUDITLOG_GUARD_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 4_000

@Suite("Personal data guard, at random")
struct CardNumberRandomTests {
    /// What a payout log is full of.
    enum Harmless: CaseIterable {
        case batch, controlNumber, time, compactTime, uuid, hash, base64, amount, mobile

        func text(_ generator: inout SeededGenerator) -> String {
            switch self {
            case .batch: "PAY-\(date(&generator))-\(CardNumberRandomTests.digits(3, &generator))"
            case .controlNumber:
                "SKY\(CardNumberRandomTests.digits(Int.random(in: 10...16, using: &generator), &generator))"
            case .time:
                AuditTime.text((Int64.random(in: 0..<4_000_000_000, using: &generator), 123_456))
            case .compactTime:
                "\(date(&generator))\(CardNumberRandomTests.digits(Int.random(in: 5...11, using: &generator), &generator))"
            case .uuid: uuid(&generator)
            case .hash: hexadecimal(CardNumberRandomTests.bytes(32, &generator))
            case .base64:
                Base64.encode(
                    CardNumberRandomTests.bytes(
                        Int.random(in: 12...64, using: &generator), &generator))
            case .amount:
                "\(CardNumberRandomTests.digits(Int.random(in: 1...12, using: &generator), &generator)).50"
            case .mobile: "09\(CardNumberRandomTests.digits(9, &generator))"
            }
        }

        private func date(_ generator: inout SeededGenerator) -> String {
            let year = Int.random(in: 2_020...2_039, using: &generator)
            let month = Int.random(in: 101...112, using: &generator)
            let day = Int.random(in: 101...128, using: &generator)
            return "\(year)\(month - 100 < 10 ? "0" : "")\(month - 100)"
                + "\(day - 100 < 10 ? "0" : "")\(day - 100)"
        }

        private func uuid(_ generator: inout SeededGenerator) -> String {
            let text = hexadecimal(CardNumberRandomTests.bytes(16, &generator))
            var parts: [Substring] = []
            var rest = text[...]
            for count in [8, 4, 4, 4, 12] {
                parts.append(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            return parts.joined(separator: "-")
        }
    }

    static func digits(_ count: Int, _ generator: inout SeededGenerator) -> String {
        (0..<count).map { _ in String(Int.random(in: 0...9, using: &generator)) }.joined()
    }

    static func bytes(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    @Test("Batch ids, control numbers, times, ids, hashes and amounts survive", arguments: [1, 2])
    func survive(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        for kind in Harmless.allCases {
            for _ in 0..<rounds {
                let text = kind.text(&generator)
                #expect(!CardNumber.isFound(in: text), "\(kind): \(text)")
            }
        }
    }

    @Test("A planted card number is caught in whatever stands around it", arguments: [3, 4])
    func caught(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        for _ in 0..<rounds {
            let card = Self.card(&generator)
            let text = Self.around(Self.written(card, &generator), &generator)
            #expect(CardNumber.isFound(in: text), "\(text)")
            #expect(CardNumber.isFound(inNumber: card))
            // One digit off is no card number.
            let wrong = String(card.dropLast()) + (card.last == "0" ? "1" : "0")
            #expect(!CardNumber.isFound(in: wrong) || wrong == card)
        }
    }

    /// 13–19 digits starting 2–6 with a right check digit, no date at the start.
    static func card(_ generator: inout SeededGenerator) -> String {
        let count = Int.random(in: 13...19, using: &generator)
        let first = Int.random(in: 2...6, using: &generator)
        let second = first == 2 ? Int.random(in: 1...9, using: &generator) : 0
        var number = "\(first)\(second)" + digits(count - 3, &generator)
        var sum = 0
        for (place, character) in number.reversed().enumerated() {
            let digit = (character.wholeNumberValue ?? 0) * (place % 2 == 0 ? 2 : 1)
            sum += digit > 9 ? digit - 9 : digit
        }
        number += String((10 - sum % 10) % 10)
        return number
    }

    /// Plain, in groups, in other digits, or with things between that nobody sees.
    static func written(_ card: String, _ generator: inout SeededGenerator) -> String {
        let gaps = [" ", "-", "\u{A0}", "\u{2009}", "\u{2011}", " - ", "\t", "\u{3000}"]
        let unseen = ["\u{200B}", "\u{AD}", "\u{FEFF}", "\u{2060}", "\u{200D}", "\u{301}"]
        switch Int.random(in: 0..<4, using: &generator) {
        case 0 where card.count == 16 || card.count == 15:
            var groups: [Substring] = []
            var rest = card[...]
            for count in card.count == 16 ? [4, 4, 4, 4] : [4, 6, 5] {
                groups.append(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            return groups.joined(separator: gaps.randomElement(using: &generator) ?? " ")
        case 1:
            let zero = [0xFF10, 0x660, 0x6F0, 0x966, 0x1D7CE].randomElement(using: &generator)
            return String(
                String.UnicodeScalarView(
                    card.unicodeScalars.compactMap {
                        Unicode.Scalar(UInt32(zero ?? 0x30) + $0.value - 0x30)
                    }))
        case 2:
            let place = card.index(card.startIndex, offsetBy: 5)
            let mark = unseen.randomElement(using: &generator) ?? ""
            return card[..<place] + mark + card[place...]
        default: return card
        }
    }

    static func around(_ text: String, _ generator: inout SeededGenerator) -> String {
        let before = ["", "card ", "(", "\"", "n=", "カード", "ref: ", "é", "paid,", "SKY12 "]
        let after = ["", " ok", ")", "\"", ";", "です", ".", ", exp 12/29", "\n"]
        return (before.randomElement(using: &generator) ?? "") + text
            + (after.randomElement(using: &generator) ?? "")
    }
}
