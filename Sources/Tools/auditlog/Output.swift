import ArgumentParser
import AuditLog
import DurableFiles
import Glibc

/// Standard output has no reader any more.
struct OutputClosed: Error {}

/// Whole lines to standard output and standard error. What goes to standard output throws
/// `OutputClosed` when nobody reads any more, and `AuditLogError` when it cannot be written.
enum Output {
    /// A line.
    static func line(_ text: String) throws { try put(Array((text + "\n").utf8)) }

    /// Text that ends in its own newline.
    static func text(_ text: String) throws { try put(Array(text.utf8)) }

    /// A line of bytes.
    static func line(_ bytes: [UInt8]) throws { try put(bytes + [0x0A]) }

    /// Prints what goes with a verdict, and ends with its exit code. An altered log is told by that
    /// code also when nobody reads the words, or they cannot be written.
    static func verdict(_ exitCode: Int32, _ print: () throws -> Void) throws {
        do {
            try print()
        } catch is OutputClosed {
            // Whoever reads no further has the exit code.
        } catch let failure where exitCode != 0 {
            error("auditlog: \(failure)")
        }
        if exitCode != 0 { throw ExitCode(exitCode) }
    }

    /// A line for people, beside the results.
    static func error(_ text: String) {
        try? StandardStreams.write(Array((text + "\n").utf8), to: STDERR_FILENO)
    }

    /// Progress, only where a person watches.
    static func progress(_ text: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        try? StandardStreams.write(Array("\r\u{1B}[K\(text)".utf8), to: STDERR_FILENO)
    }

    /// A cut file of results must not look like a whole one: only a reader that goes away is quiet.
    private static func put(_ bytes: [UInt8]) throws {
        do throws(FileError) {
            try StandardStreams.write(bytes, to: STDOUT_FILENO)
        } catch {
            if error.code == EPIPE { throw OutputClosed() }
            throw AuditLogError(
                .file,
                "standard output cannot be written (write failed: \(error.cause)); "
                    + "what stands there is not whole")
        }
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
