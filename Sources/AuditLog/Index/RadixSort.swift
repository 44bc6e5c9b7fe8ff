/// Sorts hashes where they lie: by their highest byte into 256 pieces, each by the next byte, small
/// pieces by insertion. The standard sort takes half as much memory again, in pieces that the
/// allocator does not give back, and several times as long for numbers that are random.
enum RadixSort {
    private static let insertionLimit = 32
    private static let radix = 256

    static func sort(_ numbers: UnsafeMutableBufferPointer<UInt64>) {
        sort(numbers, shift: UInt64(UInt64.bitWidth - 8))
    }

    /// Sorts numbers that agree in all bits above those at `shift`.
    private static func sort(_ numbers: UnsafeMutableBufferPointer<UInt64>, shift: UInt64) {
        if numbers.count <= insertionLimit { return insert(numbers) }
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 2 * radix) { places in
            places.initialize(repeating: 0)
            let starts = UnsafeMutableBufferPointer(rebasing: places[..<radix])
            let ends = UnsafeMutableBufferPointer(rebasing: places[radix...])
            for number in numbers { ends[digit(number, shift)] += 1 }
            var sum = 0
            for place in 0..<radix {
                starts[place] = sum
                sum += ends[place]
                ends[place] = sum
            }
            exchange(numbers, starts, ends, shift)
            if shift == 0 { return }
            var start = 0
            for end in ends {
                let piece = UnsafeMutableBufferPointer(rebasing: numbers[start..<end])
                if piece.count > 1 { sort(piece, shift: shift - 8) }
                start = end
            }
        }
    }

    /// Brings every number into its piece; `starts` moves up to `ends`.
    private static func exchange(
        _ numbers: UnsafeMutableBufferPointer<UInt64>, _ starts: UnsafeMutableBufferPointer<Int>,
        _ ends: UnsafeMutableBufferPointer<Int>, _ shift: UInt64
    ) {
        for piece in 0..<radix {
            while starts[piece] < ends[piece] {
                var number = numbers[starts[piece]]
                while case let other = digit(number, shift), other != piece {
                    swap(&number, &numbers[starts[other]])
                    starts[other] += 1
                }
                numbers[starts[piece]] = number
                starts[piece] += 1
            }
        }
    }

    private static func digit(_ number: UInt64, _ shift: UInt64) -> Int {
        Int(truncatingIfNeeded: number >> shift) & (radix - 1)
    }

    private static func insert(_ numbers: UnsafeMutableBufferPointer<UInt64>) {
        for place in 1..<max(1, numbers.count) {
            let number = numbers[place]
            var hole = place
            while hole > 0, numbers[hole - 1] > number {
                numbers[hole] = numbers[hole - 1]
                hole -= 1
            }
            numbers[hole] = number
        }
    }
}
