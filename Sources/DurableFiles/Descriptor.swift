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

    func sync(path: String) throws(FileError) {
        if fsync(number) != 0 { throw .last("fsync", path) }
    }

    func read(limit: Int, path: String) throws(FileError) -> [UInt8] {
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let got = Glibc.read(number, &chunk, chunk.count)
            if got < 0 {
                if errno == EINTR { continue }
                throw .last("read", path)
            }
            if got == 0 { return contents }
            contents.append(contentsOf: chunk[0..<got])
            if contents.count > limit {
                throw FileError(operation: "read", path: path, code: EFBIG)
            }
        }
    }
}

/// The folder a path lies in.
func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
