import DurableFiles
import Glibc

/// Lines of standard input, as they come. However long a line is, memory stays small: what is longer
/// than any event can be is passed over and told as such.
struct InputLines {
    /// The longest line kept, in bytes: an event of 65,535 bytes with every character escaped and
    /// room for white space.
    static let limitBytes = 1 << 20
    private static let chunkBytes = 65_536

    enum Line {
        case text([UInt8])
        /// More than `limitBytes`.
        case tooLong
    }

    private var buffer: [UInt8] = []
    private var start = 0
    /// No newline lies between `start` and here.
    private var searched = 0
    private var isPassingOver = false
    private var hasEnded = false

    /// The next line without its newline; nil at the end. The last one may lack its newline.
    mutating func next() throws(FileError) -> Line? {
        while true {
            if let end = newline() {
                let line = Line.text(Array(buffer[start..<end]))
                start = end + 1
                searched = start
                if !isPassingOver { return line }
                isPassingOver = false
                return .tooLong
            }
            if hasEnded { return last() }
            if buffer.count - start > Self.limitBytes { isPassingOver = true }
            if isPassingOver { start = buffer.count }
            try fill()
        }
    }

    /// True while a whole line lies in the buffer.
    var hasLine: Bool { buffer[searched...].contains(0x0A) }

    private mutating func newline() -> Int? {
        let end = buffer[searched...].firstIndex(of: 0x0A)
        searched = end ?? buffer.count
        return end
    }

    private mutating func last() -> Line? {
        defer {
            start = buffer.count
            isPassingOver = false
        }
        if isPassingOver { return .tooLong }
        return start < buffer.count ? .text(Array(buffer[start...])) : nil
    }

    private mutating func fill() throws(FileError) {
        buffer.removeFirst(start)
        (start, searched) = (0, buffer.count)
        var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
        let got = read(STDIN_FILENO, &chunk, chunk.count)
        if got < 0, errno == EINTR { return }
        if got < 0 { throw FileError(operation: "read", path: "standard input", code: errno) }
        if got == 0 { hasEnded = true } else { buffer.append(contentsOf: chunk[..<got]) }
    }
}
