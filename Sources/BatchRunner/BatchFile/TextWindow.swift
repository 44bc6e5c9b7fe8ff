import Glibc

/// The part of a text not read yet, growing at its end and shrinking at its front, with the line
/// and column of its first byte. One owner.
final class TextWindow {
    private let source: ByteSource
    private var bytes: [UInt8] = []
    private var start = 0
    /// Bytes of the text before the window, a byte order mark counted.
    private(set) var offset = 0
    /// Line of the window's first byte, from 1.
    private(set) var line = 1
    private var lineOffset = 0

    /// A window at the beginning of the text, after a byte order mark.
    init(_ source: ByteSource) throws {
        self.source = source
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        do {
            while count < mark.count {
                guard try fill() else { return }
            }
        } catch is ReadStop {
            return  // A text that breaks here does so again when the window is next filled.
        }
        if Array(bytes[0..<mark.count]) == mark {
            consume(mark.count)
            lineOffset = mark.count
        }
    }

    /// Bytes in the window.
    var count: Int { bytes.count - start }

    /// Column of the window's first byte, from 1, in bytes.
    var column: Int { offset - lineOffset + 1 }

    /// The window's first byte; nil when it is empty.
    var first: UInt8? { start < bytes.count ? bytes[start] : nil }

    /// Reads on: false at the end of the text.
    func fill() throws -> Bool {
        if start > 0 {
            bytes.removeSubrange(0..<start)
            start = 0
        }
        do {
            return try source.read(into: &bytes)
        } catch SourceFault.incomplete(let missing) {
            throw ReadStop.incomplete(missing)
        } catch SourceFault.damaged(let code, let message) {
            let place = position(at: count)
            throw ReadStop.fault(code, message, line: place.line, column: place.column)
        }
    }

    /// Moves the front of the window over `length` bytes.
    func consume(_ length: Int) {
        withBytes { text in
            var from = 0
            while let newline = find(0x0A, in: text, from: from, to: length) {
                line += 1
                lineOffset = offset + newline + 1
                from = newline + 1
            }
        }
        start += length
        offset += length
    }

    /// The bytes of the window; the pointer is good during the call.
    func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    /// A copy of the first `length` bytes.
    func prefix(_ length: Int) -> [UInt8] { Array(bytes[start..<(start + length)]) }

    /// Line and column of the byte `index` bytes into the window.
    func position(at index: Int) -> (line: Int, column: Int) {
        var (line, lineOffset) = (self.line, self.lineOffset)
        withBytes { text in
            var from = 0
            while let newline = find(0x0A, in: text, from: from, to: index) {
                line += 1
                lineOffset = offset + newline + 1
                from = newline + 1
            }
        }
        return (line, offset + index - lineOffset + 1)
    }
}

/// The first place of `byte` in `text[from..<to]`; memchr(3), so as fast as the machine.
func find(_ byte: UInt8, in text: UnsafeRawBufferPointer, from: Int, to end: Int) -> Int? {
    guard from < end, let base = text.baseAddress else { return nil }
    guard let found = memchr(base + from, Int32(byte), end - from) else { return nil }
    return UnsafeRawPointer(found) - base
}
