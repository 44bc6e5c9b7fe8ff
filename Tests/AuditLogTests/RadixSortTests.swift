import Testing

@testable import AuditLog

@Suite("Sorting the keys of an index")
struct RadixSortTests {
    @Test(
        "It gives what the standard sort gives",
        arguments: [0, 1, 2, 31, 32, 33, 255, 1_000, 70_000],
        [UInt64.max, 0xFFFF_0000_0000_FFFF, 0xFF, 0x8000_0000_0000_0001, 0])
    func agrees(count: Int, mask: UInt64) {
        var random = SplitMix(state: UInt64(count) &+ mask)
        var numbers = (0..<count).map { _ in random.next() & mask }
        let expected = numbers.sorted()
        numbers.withUnsafeMutableBufferPointer { RadixSort.sort($0) }
        #expect(numbers == expected)
        numbers.withUnsafeMutableBufferPointer { RadixSort.sort($0) }
        #expect(numbers == expected, "what is sorted stays so")
        numbers.reverse()
        numbers.withUnsafeMutableBufferPointer { RadixSort.sort($0) }
        #expect(numbers == expected)
    }
}

@Suite("Pages of index keys")
struct NumberPagesTests {
    @Test("More numbers than expected are kept, and none after they were given back")
    func grows() {
        let pages = NumberPages(expected: 100)
        for number in 0..<70_000 as Range<UInt64> {
            if number % 700 == 0 { pages.reserve(700) }
            pages.append(number)
        }
        #expect(pages.numbers.elementsEqual(0..<70_000))
        pages.keep(first: 3)
        #expect(Array(pages.numbers) == [0, 1, 2])
        pages.removeAll()
        #expect(pages.numbers.isEmpty)
        pages.reserve(1)
        pages.append(7)
        #expect(Array(pages.numbers) == [7])
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
