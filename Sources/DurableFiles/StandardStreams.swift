import Glibc

/// A program's input, output and errors: descriptors 0, 1 and 2. They are used by number, whatever is
/// open there.
public enum StandardStreams {
    /// Opens /dev/null over those that were closed when the program was started. Before anything else is
    /// opened: a file gets the lowest number that is free, and what the program says would be written
    /// into the audit log, or into a lock file. Input is not opened for reading: reading fails, as
    /// from a closed one, since an empty input would be taken for one that somebody gave.
    public static func fill() {
        for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
            // Everything below is open, so this is the number it gets. Not closed in children: theirs are
            // to be taken too. Without a /dev the root folder takes the place: writing to it fails.
            if open("/dev/null", O_WRONLY) < 0 { _ = open("/", O_RDONLY | O_DIRECTORY) }
        }
    }

    /// Writes everything to standard output or standard error, waiting where a reader is slow.
    /// - Throws: the error of `write`; EPIPE where nobody reads any more (with SIGPIPE ignored).
    public static func write(_ bytes: [UInt8], to number: Int32) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                Glibc.write(number, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if written >= 0 {
                offset += written
            } else if errno == EAGAIN {
                waitUntilWritable(number)
            } else if errno != EINTR {
                throw .last("write", name(of: number))
            }
        }
    }

    /// Another program that has the same pipe open made it non-blocking.
    private static func waitUntilWritable(_ number: Int32) {
        var end = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        _ = poll(&end, 1, -1)
    }

    private static func name(of number: Int32) -> String {
        number == STDERR_FILENO ? "standard error" : "standard output"
    }
}
