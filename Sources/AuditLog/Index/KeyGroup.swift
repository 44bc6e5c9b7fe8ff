/// The keys of up to 1,024 members: which key lies in which of them, coded bit by bit
/// (docs/audit-log-format.md, ".index").
struct KeyGroup {
    static let memberLimit = 1_024
    /// A group ends with the member that brings it to so many pairs of key and member: 16 MiB here.
    static let pairLimit = 1 << 21
    /// A key that is not there is taken to be in a member once in 2^12.
    static let precisionBits = 12
    /// Buckets hold 128 to 255 keys on average.
    static let bucketPower = 7

    private static let memberMask: UInt64 = 0xFFFF
    private static let cacheSlots = 1 << 13

    /// The upper 48 bits of a key's hash, and the member's number in the group.
    private let pairs = NumberPages(expected: pairLimit + pairLimit / 8)
    private var seen = [UInt64](repeating: .max, count: cacheSlots)
    private(set) var members = 0

    var isFull: Bool { members >= Self.memberLimit || pairs.count >= Self.pairLimit }

    /// Keys of the member under way.
    mutating func add(_ hashes: UnsafeBufferPointer<UInt64>) {
        pairs.reserve(hashes.count)
        for hash in hashes { add(hash) }
    }

    @inline(__always)
    private mutating func add(_ hash: UInt64) {
        let pair = hash & ~Self.memberMask | UInt64(members)
        // The same key again, mostly: what slips through is found when the pairs are sorted.
        let slot = Int(truncatingIfNeeded: hash >> 20) & (Self.cacheSlots - 1)
        if seen[slot] == pair { return }
        seen[slot] = pair
        pairs.append(pair)
    }

    mutating func endMember() { members += 1 }

    /// The bytes of the group; then it is empty.
    mutating func finish() -> [UInt8] {
        RadixSort.sort(pairs.numbers)
        removeRepeated()
        let shape = shape()
        let bytes = encode(shape)
        pairs.removeAll()
        for slot in seen.indices { seen[slot] = .max }
        members = 0
        return bytes
    }

    /// How the group is coded.
    private struct Shape {
        var hashBits = 0
        var memberBits = 0
        var bucketBits = 0
        var keyParameter = 0
        var gapParameter = 0
    }

    private mutating func removeRepeated() {
        let numbers = pairs.numbers
        var kept = 0
        for place in numbers.indices where place == 0 || numbers[place] != numbers[kept - 1] {
            numbers[kept] = numbers[place]
            kept += 1
        }
        pairs.keep(first: kept)
    }

    private func shape() -> Shape {
        var shape = Shape()
        let wanted = UInt64(pairs.count) << UInt64(Self.precisionBits)
        while shape.hashBits < 48, UInt64(members) << UInt64(shape.hashBits) < wanted {
            shape.hashBits += 1
        }
        shape.memberBits = Self.bitLength(UInt64(members - 1))
        let coded = UInt64(countKeys(bits: shape.hashBits))
        let power = Self.bitLength(coded) - 1
        shape.bucketBits = max(0, power - Self.bucketPower)
        shape.keyParameter = shape.hashBits - Self.bitLength(coded - 1)
        shape.gapParameter = gapParameter(shape.hashBits)
        return shape
    }

    static func bitLength(_ value: UInt64) -> Int { 64 - value.leadingZeroBitCount }

    private func key(_ pair: UInt64, _ bits: Int) -> UInt64 {
        bits == 0 ? 0 : pair >> UInt64(64 - bits)
    }

    private func countKeys(bits: Int) -> Int {
        var count = 0
        var last: UInt64?
        for pair in pairs.numbers {
            let key = key(pair, bits)
            if key != last { count += 1 }
            last = key
        }
        return count
    }

    /// Gives every key with its members, both ascending and without repetition.
    private func forEachKey(_ bits: Int, _ body: (UInt64, [UInt64]) -> Void) {
        let pairs = pairs.numbers
        var members: [UInt64] = []
        var start = 0
        while start < pairs.count {
            let key = key(pairs[start], bits)
            var end = start
            members.removeAll(keepingCapacity: true)
            while end < pairs.count, self.key(pairs[end], bits) == key {
                members.append(pairs[end] & Self.memberMask)
                end += 1
            }
            members.sort()
            var kept = 1
            for place in 1..<max(1, members.count) where members[place] != members[kept - 1] {
                members[kept] = members[place]
                kept += 1
            }
            members.removeLast(members.count - kept)
            body(key, members)
            start = end
        }
    }

    /// The smallest parameter that makes the gaps between members of a key shortest.
    private func gapParameter(_ bits: Int) -> Int {
        var counts = [UInt64](repeating: 0, count: Self.memberLimit)
        forEachKey(bits) { _, members in
            for (left, right) in zip(members, members.dropFirst()) {
                counts[Int(right - left - 1)] += 1
            }
        }
        var best = (parameter: 0, cost: UInt64.max)
        for parameter in 0..<10 {
            var cost: UInt64 = 0
            for (gap, count) in counts.enumerated() {
                cost += count * UInt64(gap >> parameter + parameter)
            }
            if cost < best.cost { best = (parameter, cost) }
        }
        return best.parameter
    }

    private func encode(_ shape: Shape) -> [UInt8] {
        var writer = BitWriter()
        var starts: [UInt32] = []
        let bucketShift = UInt64(shape.hashBits - shape.bucketBits)
        var expected: UInt64 = 0
        forEachKey(shape.hashBits) { key, members in
            while UInt64(starts.count) <= key >> bucketShift {
                expected = UInt64(starts.count) << bucketShift
                starts.append(UInt32(truncatingIfNeeded: writer.count))
            }
            writer.writeRice(key - expected, parameter: shape.keyParameter)
            expected = key + 1
            writer.write(members[0], width: shape.memberBits)
            for (left, right) in zip(members, members.dropFirst()) {
                writer.write(1, width: 1)
                writer.writeRice(right - left - 1, parameter: shape.gapParameter)
            }
            writer.write(0, width: 1)
        }
        while starts.count < 1 << shape.bucketBits {
            starts.append(UInt32(truncatingIfNeeded: writer.count))
        }
        var output: [UInt8] = []
        output.appendLittleEndian(UInt32(members))
        output += [
            UInt8(shape.hashBits), UInt8(shape.bucketBits), UInt8(shape.keyParameter),
            UInt8(shape.gapParameter),
        ]
        output.appendLittleEndian(UInt32(truncatingIfNeeded: writer.count))
        for start in starts { output.appendLittleEndian(start) }
        return output + writer.finish()
    }
}

extension [UInt8] {
    mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
