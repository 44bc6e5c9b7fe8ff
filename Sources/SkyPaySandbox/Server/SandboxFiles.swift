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

    /// Writes a new file; an existing one stays as it is and is an error.
    public static func create(_ path: String, _ bytes: [UInt8]) throws(SandboxError) {
        do {
            try DurableFiles.createOnce(path, bytes)
        } catch {
            throw SandboxError(code: .usage, message: "cannot write \(path): \(error)")
        }
    }
}
