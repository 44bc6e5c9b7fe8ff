import DurableFiles

/// Files the tool leaves for other programs: whole or not there at all.
public enum SandboxFiles {
    /// Writes or replaces a file, `server.port` for one that says where the server listens.
    public static func replace(_ path: String, _ text: String) throws(SandboxError) {
        do {
            try DurableFiles.replace(path, Array(text.utf8))
        } catch {
            throw SandboxError(code: .usage, message: "cannot write \(path): \(error)")
        }
    }

    /// Bytes of a file that is read, at most.
    public static let maxBytes = 1024 * 1024

    /// A whole file of up to `maxBytes`.
    public static func read(_ path: String) throws(SandboxError) -> [UInt8] {
        do {
            return try DurableFiles.read(path, limit: maxBytes)
        } catch {
            throw SandboxError(code: .usage, message: "cannot read \(path): \(error)")
        }
    }

    /// Writes a new file; an existing one stays as it is and is an error.
    public static func create(_ path: String, _ bytes: [UInt8]) throws(SandboxError) {
        do {
            try DurableFiles.createOnce(path, bytes)
        } catch {
            throw SandboxError(code: .usage, message: "cannot write \(path): \(error)")
        }
    }
}
