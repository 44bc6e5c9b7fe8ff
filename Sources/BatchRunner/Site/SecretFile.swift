import DurableFiles

/// Reads a secret from a file of its own.
enum SecretFile {
    /// Largest secret file, in bytes.
    static let maxBytes = 4_096

    /// The first line, without its line end; or what is wrong, with what to do.
    static func read(_ path: String) -> Result<Secret, Refusal> {
        guard let status = FileStatus(path: path) else {
            return .failure(Refusal("names \(path), which does not exist or cannot be reached"))
        }
        guard status.kind == .plain else {
            return .failure(Refusal("names \(path), which is not a plain file"))
        }
        if status.permissions & 0o007 != 0 {
            return .failure(
                Refusal("names \(path), which every user may reach; run: chmod 600 \(path)"))
        }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try DurableFiles.read(path, limit: maxBytes)
        } catch {
            return .failure(Refusal("names a file that cannot be read: \(error)"))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(Refusal("names \(path), which is not UTF-8 text"))
        }
        return secret(text, path)
    }

    /// What is wrong with the file.
    struct Refusal: Error {
        let message: String
        init(_ message: String) { self.message = message }
    }

    /// The first line of a text, without its line end; or what is wrong.
    static func secret(_ text: String, _ path: String) -> Result<Secret, Refusal> {
        var scalars = text.unicodeScalars[...]
        if scalars.last == "\n" { scalars.removeLast() }
        if scalars.last == "\r" { scalars.removeLast() }
        if scalars.isEmpty { return .failure(Refusal("names \(path), which is empty")) }
        if scalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            return .failure(Refusal("names \(path), which holds more than one line of text"))
        }
        return .success(Secret(String(scalars)))
    }
}
