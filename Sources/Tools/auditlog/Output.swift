import Glibc

/// Standard output has no reader any more.
struct OutputClosed: Error {}

/// Whole lines to standard output and standard error.
enum Output {
    /// A line; throws `OutputClosed` when nobody reads.
    static func line(_ text: String) throws(OutputClosed) {
        if !write(Array((text + "\n").utf8), to: STDOUT_FILENO) { throw OutputClosed() }
    }

    /// Text that ends in its own newline.
    static func text(_ text: String) throws(OutputClosed) {
        if !write(Array(text.utf8), to: STDOUT_FILENO) { throw OutputClosed() }
    }

    /// A line of bytes.
    static func line(_ bytes: [UInt8]) throws(OutputClosed) {
        if !write(bytes + [0x0A], to: STDOUT_FILENO) { throw OutputClosed() }
    }

    /// A line for people, beside the results.
    static func error(_ text: String) { _ = write(Array((text + "\n").utf8), to: STDERR_FILENO) }

    /// Progress, only where a person watches.
    static func progress(_ text: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        _ = write(Array("\r\u{1B}[K\(text)".utf8), to: STDERR_FILENO)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                Glibc.write(
                    descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if written < 0 {
                if errno == EINTR { continue }
                return false
            }
            offset += written
        }
        return true
    }
}

/// Who runs this tool, and where.
enum Person {
    static var name: String {
        getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
    }

    static var host: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
