import Glibc

/// An open file descriptor that is closed when its owner lets go of it.
struct Descriptor: ~Copyable {
    let number: Int32

    init(opening path: String, _ flags: Int32, mode: UInt32 = 0) throws(FileError) {
        number = open(path, flags | O_CLOEXEC, mode)
        if number < 0 { throw .last("open", path) }
    }

    deinit { close(number) }

    /// write(2) until everything is out; a short write is not an error.
    func write(_ bytes: [UInt8], path: String) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                Glibc.write(number, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw .last("write", path)
            }
            offset += written
        }
    }

    /// pwrite(2) until everything is out.
    func write(_ bytes: [UInt8], at start: Int64, path: String) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                pwrite(
                    number, buffer.baseAddress?.advanced(by: offset), bytes.count - offset,
                    off_t(start) + off_t(offset))
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw .last("pwrite", path)
            }
            offset += written
        }
    }

    func sync(path: String) throws(FileError) {
        if fsync(number) != 0 { throw .last("fsync", path) }
    }

    /// Everything from here to the end: in one piece as large as the file says it is, and on in
    /// smaller ones where it grows meanwhile or does not say (`/proc`).
    func read(limit: Int, path: String) throws(FileError) -> [UInt8] {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw .last("fstat", path) }
        // One more than it holds: a read that fills it tells that there is more.
        var contents = try piece(min(max(0, Int(status.st_size)), limit) + 1, path)
        var isFull = contents.count > Int(status.st_size)
        while isFull, contents.count <= limit {
            let more = try piece(Self.pieceBytes, path)
            contents += more
            isFull = more.count == Self.pieceBytes
        }
        if contents.count > limit { throw FileError(operation: "read", path: path, code: EFBIG) }
        return contents
    }

    private static let pieceBytes = 65_536

    /// The next `count` bytes; fewer only at the end.
    private func piece(_ count: Int, _ path: String) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let base = buffer.baseAddress {
                let got = Glibc.read(number, base + filled, count - filled)
                if got == 0 { return }
                if got > 0 {
                    filled += got
                } else if errno != EINTR {
                    failure = .last("read", path)
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
