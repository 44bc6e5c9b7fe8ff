import Testing

@testable import BatchRunner

@Suite("Bar codes")
struct Code128ATests {
    /// Reads the bars back by the standard's own rules: eleven modules a symbol, the check sum.
    private func decoded(_ code: Code128A) throws -> String? {
        let symbols = stride(from: 0, to: code.widths.count - 7, by: 6).map {
            Array(code.widths[$0..<$0 + 6])
        }
        let table = try Self.table()
        let values = symbols.compactMap { symbol in table.firstIndex(of: symbol) }
        guard values.count == symbols.count, values.first == 103,
            Array(code.widths.suffix(7)) == [2, 3, 3, 1, 1, 1, 2]
        else { return nil }
        let data = values.dropFirst().dropLast()
        let sum = data.enumerated().reduce(103) { $0 + ($1.offset + 1) * $1.element } % 103
        guard sum == values.last else { return nil }
        return String(decoding: data.map { UInt8($0 + 0x20) }, as: UTF8.self)
    }

    /// Every symbol's widths, taken from codes of one character each.
    private static func table() throws -> [[Int]] {
        var table = [[Int]](repeating: [], count: 107)
        for value in 0..<64 {
            let text = String(decoding: [UInt8(value + 0x20)], as: UTF8.self)
            let code = try #require(Code128A(text))
            table[value] = Array(code.widths[6..<12])
            table[103] = Array(code.widths[0..<6])
            table[(103 + value) % 103] = Array(code.widths[12..<18])
        }
        // The others only come as check symbols, of codes of two characters.
        for first in [62, 63] {
            for second in 0..<64 {
                let bytes = [UInt8(first + 0x20), UInt8(second + 0x20)]
                let code = try #require(Code128A(String(decoding: bytes, as: UTF8.self)))
                table[(103 + first + 2 * second) % 103] = Array(code.widths[18..<24])
            }
        }
        return table
    }

    @Test("Start A, data, check sum and stop, as ISO/IEC 15417 has them")
    func knownSymbols() throws {
        // PJJ123C, the standard's own example: Start A 211412, P 311123 … check 54, stop 2331112.
        let code = try #require(Code128A("PJJ123C"))
        #expect(Array(code.widths.prefix(6)) == [2, 1, 1, 4, 1, 2])
        #expect(Array(code.widths[6..<12]) == [3, 1, 3, 1, 2, 1])
        #expect(Array(code.widths[48..<54]) == [3, 1, 1, 1, 2, 3])
        #expect(Array(code.widths.suffix(7)) == [2, 3, 3, 1, 1, 1, 2])
        #expect(code.modules == 11 * 9 + 13 + 2 * Code128A.quietModules)
    }

    @Test(
        "What is written is read back", arguments: ["9919-2940-0349", "A", "0123456789", " _/+."])
    func roundTrip(_ text: String) throws {
        let code = try #require(Code128A(text))
        #expect(try decoded(code) == text)
    }

    @Test("No two symbols look alike, and each has eleven modules")
    func symbols() throws {
        let table = try Self.table().prefix(103)
        #expect(Set(table).count == 103)
        #expect(table.allSatisfy { $0.reduce(0, +) == 11 })
    }

    @Test(
        "What set A cannot write is refused",
        arguments: ["", "abc", "é", String(repeating: "1", count: 49)])
    func refused(_ text: String) { #expect(Code128A(text) == nil) }

    @Test("The bars of the PNG and of the SVG are the code's")
    func images() throws {
        let code = try #require(Code128A("9919-2940-0349"))
        let images = BarCodeImages(code: code, validUntil: "2026-11-22T10:00:00+08:00")
        let svg = images.svg()
        let bars = svg.matches(of: /M(\d+) \d+h(\d+)v/).map { (Int($0.1) ?? 0, Int($0.2) ?? 0) }
        #expect(bars.count == code.bars.count)
        for (drawn, bar) in zip(bars, code.bars) {
            #expect(drawn.0 == bar.at * BarCodeImages.modulePixels)
            #expect(drawn.1 == bar.width * BarCodeImages.modulePixels)
        }
        #expect(svg.contains(">9919-2940-0349<"))
        let png = images.png()
        #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        #expect(png.suffix(8) == [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82])
    }
}
