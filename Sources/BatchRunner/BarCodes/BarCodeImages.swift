import CZlib

/// A bar code as pictures. Both have the same bars; the SVG says beneath them what people type when
/// a reader fails, and until when it is valid.
struct BarCodeImages: Sendable {
    let code: Code128A
    /// Until when the reference is valid, as people read it.
    let validUntil: String

    /// Pixels of one module: the narrowest bar.
    static let modulePixels = 3
    /// Height of the bars in pixels.
    static let barPixels = 150
    /// White above and below the bars in pixels.
    static let marginPixels = 12
    /// Height of a line of text in the SVG, in pixels.
    static let linePixels = 26

    private var width: Int { code.modules * Self.modulePixels }

    /// The SVG document.
    func svg() -> String {
        let height = Self.barPixels + 2 * Self.marginPixels + 2 * Self.linePixels
        var text =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
            + "viewBox=\"0 0 \(width) \(height)\">\n"
        text += "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#fff\"/>\n<path d=\""
        for bar in code.bars {
            let (x, barWidth) = (bar.at * Self.modulePixels, bar.width * Self.modulePixels)
            text += "M\(x) \(Self.marginPixels)h\(barWidth)v\(Self.barPixels)h-\(barWidth)z"
        }
        text += "\" fill=\"#000\"/>\n"
        for (line, words) in [code.text, "valid until \(validUntil)"].enumerated() {
            let y = Self.marginPixels + Self.barPixels + (line + 1) * Self.linePixels
            text +=
                "<text x=\"\(width / 2)\" y=\"\(y)\" font-family=\"monospace\" font-size=\"20\" "
                + "text-anchor=\"middle\">\(Self.escaped(words))</text>\n"
        }
        return text + "</svg>\n"
    }

    /// The PNG file: 8-bit grey, the bars alone (RFC 2083).
    func png() -> [UInt8] {
        let height = Self.barPixels + 2 * Self.marginPixels
        var bars = [UInt8](repeating: 0xFF, count: width)
        for bar in code.bars {
            let start = bar.at * Self.modulePixels
            for x in start..<start + bar.width * Self.modulePixels { bars[x] = 0 }
        }
        let white = [UInt8](repeating: 0xFF, count: width)
        var pixels: [UInt8] = []
        for y in 0..<height {
            let isBar = (Self.marginPixels..<Self.marginPixels + Self.barPixels).contains(y)
            // Each line begins with its filter: none.
            pixels += [0] + (isBar ? bars : white)
        }
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        file += Self.chunk("IHDR", Self.bytes(width) + Self.bytes(height) + [8, 0, 0, 0, 0])
        file += Self.chunk("IDAT", Self.deflated(pixels))
        return file + Self.chunk("IEND", [])
    }

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let named = Array(name.utf8) + data
        let check = crc32(0, named, uInt(named.count))
        return bytes(data.count) + named + bytes(Int(check))
    }

    /// Four bytes, the greatest first.
    private static func bytes(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// A zlib stream (RFC 1950). A buffer of `compressBound` bytes always suffices.
    private static func deflated(_ pixels: [UInt8]) -> [UInt8] {
        var length = compressBound(uLong(pixels.count))
        var stream = [UInt8](repeating: 0, count: Int(length))
        _ = compress2(&stream, &length, pixels, uLong(pixels.count), Z_BEST_COMPRESSION)
        return Array(stream.prefix(Int(length)))
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
