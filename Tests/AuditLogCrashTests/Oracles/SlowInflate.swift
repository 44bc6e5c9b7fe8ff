/// Inflates deflate data (RFC 1951) bit by bit, as plainly as can be and without zlib: an opinion of
/// its own for what the segment reader accepts. Stricter than the RFC in one thing, as the log's
/// format is: bits that are skipped must be zero.
struct SlowInflate {
    enum Problem: Error {
        /// The bytes end before the final block does.
        case truncated
        /// Not deflate data, or a bit hides in what is skipped.
        case broken
        /// More came out than the caller wants.
        case tooMuch
    }

    private let bytes: [UInt8]
    private let limit: Int
    /// The next bit, counted from the start of `bytes`.
    private var position: Int
    private(set) var output: [UInt8] = []
    /// The byte in which the last block begun starts.
    private(set) var blockByte = 0

    /// Data that starts at a byte; at most `limit` bytes may come out.
    init(_ bytes: [UInt8], at start: Int, limit: Int) {
        self.bytes = bytes
        self.limit = limit
        position = start * 8
    }

    /// The byte behind the final block.
    mutating func run() throws(Problem) -> Int {
        while true {
            blockByte = position / 8
            let isFinal = try bits(1) == 1
            switch try bits(2) {
            case 0: try stored()
            case 1: try symbols(Self.fixedLiterals, Self.fixedDistances)
            case 2:
                let (literals, distances) = try dynamicCodes()
                try symbols(literals, distances)
            default: throw .broken
            }
            if isFinal {
                try skipToByte()
                return position / 8
            }
        }
    }

    private mutating func bits(_ count: Int) throws(Problem) -> Int {
        var value = 0
        for place in 0..<count {
            guard position / 8 < bytes.count else { throw .truncated }
            value |= Int(bytes[position / 8] >> UInt8(position % 8) & 1) << place
            position += 1
        }
        return value
    }

    private mutating func skipToByte() throws(Problem) {
        while position % 8 != 0 { if try bits(1) == 1 { throw .broken } }
    }

    private mutating func emit(_ byte: UInt8) throws(Problem) {
        if output.count == limit { throw .tooMuch }
        output.append(byte)
    }

    private mutating func stored() throws(Problem) {
        try skipToByte()
        let length = try bits(16)
        guard try bits(16) == ~length & 0xFFFF else { throw .broken }
        for _ in 0..<length { try emit(UInt8(try bits(8))) }
    }

    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115,
        131, 163, 195, 227, 258,
    ]
    private static let lengthBits = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]

    private mutating func symbols(
        _ literals: HuffmanCode, _ distances: HuffmanCode
    ) throws(Problem) {
        while true {
            let symbol = try decode(literals)
            if symbol < 256 {
                try emit(UInt8(symbol))
            } else if symbol == 256 {
                return
            } else {
                try copy(symbol - 257, distances)
            }
        }
    }

    private mutating func copy(_ symbol: Int, _ distances: HuffmanCode) throws(Problem) {
        guard symbol < Self.lengthBases.count else { throw .broken }
        let length = Self.lengthBases[symbol] + (try bits(Self.lengthBits[symbol]))
        let code = try decode(distances)
        guard code < 30 else { throw .broken }
        let extra = max(0, code / 2 - 1)
        let base = code < 4 ? code + 1 : (2 + code % 2) << extra + 1
        let distance = base + (try bits(extra))
        guard distance <= output.count else { throw .broken }
        for _ in 0..<length { try emit(output[output.count - distance]) }
    }

    private mutating func decode(_ code: HuffmanCode) throws(Problem) -> Int {
        var value = 0
        var first = 0
        var index = 0
        for count in code.counts.dropFirst() {
            value |= try bits(1)
            if value - count < first { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
            if code.isEmptyBehind(index) { throw .broken }
        }
        throw .broken
    }

    private mutating func dynamicCodes() throws(Problem) -> (HuffmanCode, HuffmanCode) {
        let literalCount = try bits(5) + 257
        let distanceCount = try bits(5) + 1
        let codeCount = try bits(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else { throw .broken }
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        var lengths = [Int](repeating: 0, count: 19)
        for place in order.prefix(codeCount) { lengths[place] = try bits(3) }
        guard let code = HuffmanCode(lengths, mayBeIncomplete: false) else { throw .broken }
        let all = try codeLengths(literalCount + distanceCount, code)
        guard all[256] != 0,
            let literals = HuffmanCode(Array(all[..<literalCount]), mayBeIncomplete: true),
            let distances = HuffmanCode(Array(all[literalCount...]), mayBeIncomplete: true)
        else { throw .broken }
        return (literals, distances)
    }

    private mutating func codeLengths(_ count: Int, _ code: HuffmanCode) throws(Problem) -> [Int] {
        var lengths: [Int] = []
        while lengths.count < count {
            if code.symbols.isEmpty {
                // Wrong, since nothing then ends the block; zlib too says so behind the lengths.
                _ = try bits(1)
                lengths.append(0)
                continue
            }
            let symbol = try decode(code)
            switch symbol {
            case ..<16: lengths.append(symbol)
            case 16:
                let times = 3 + (try bits(2))
                guard let last = lengths.last else { throw .broken }
                lengths += [Int](repeating: last, count: times)
            case 17: lengths += [Int](repeating: 0, count: 3 + (try bits(3)))
            default: lengths += [Int](repeating: 0, count: 11 + (try bits(7)))
            }
        }
        guard lengths.count == count else { throw .broken }
        return lengths
    }

    private static let fixedLiterals =
        HuffmanCode(
            [Int](repeating: 8, count: 144) + [Int](repeating: 9, count: 112)
                + [Int](repeating: 7, count: 24) + [Int](repeating: 8, count: 8),
            mayBeIncomplete: true) ?? HuffmanCode.none
    // 30 and 31 have codes, which mean nothing.
    private static let fixedDistances =
        HuffmanCode([Int](repeating: 5, count: 32), mayBeIncomplete: true) ?? HuffmanCode.none
}

/// A canonical Huffman code (RFC 1951 §3.2.2).
struct HuffmanCode {
    /// How many codes have 0, 1 … 15 bits.
    let counts: [Int]
    /// Symbols in the order of their codes.
    let symbols: [Int]

    static let none = HuffmanCode(counts: [Int](repeating: 0, count: 16), symbols: [])

    private init(counts: [Int], symbols: [Int]) {
        self.counts = counts
        self.symbols = symbols
    }

    /// Nil when the lengths make no code. An incomplete one is allowed where the format has it: no
    /// code at all, or a single one of one bit.
    init?(_ lengths: [Int], mayBeIncomplete: Bool) {
        var counts = [Int](repeating: 0, count: 16)
        for length in lengths { counts[length] += 1 }
        var left = 1
        for count in counts.dropFirst() {
            left = left * 2 - count
            if left < 0 { return nil }
        }
        let coded = lengths.count - counts[0]
        let isLone = mayBeIncomplete && (coded == 0 || coded == 1 && counts[1] == 1)
        // Without any code length, zlib takes the code as empty, whatever it is for.
        guard left == 0 || isLone || coded == 0 else { return nil }
        counts[0] = 0
        self.counts = counts
        symbols = (1...15).flatMap { bits in lengths.indices.filter { lengths[$0] == bits } }
    }

    /// True when no code is left behind so many: an unused code is wrong at its first bit.
    func isEmptyBehind(_ index: Int) -> Bool { index >= symbols.count }
}
