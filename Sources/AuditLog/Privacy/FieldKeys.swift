import Crypto
import DurableFiles

/// The keys that seal whole values, one for each month: destroying one shreds what it sealed, and
/// every proof stays valid, since the tree is over the sealed form.
struct FieldKeys: Sendable {
    let layout: KeyLayout
    /// The log's name, bound to every sealed value.
    let origin: String
    private var current: (month: String, key: SymmetricKey)?

    init(_ layout: KeyLayout, origin: String) {
        self.layout = layout
        self.origin = origin
    }

    /// ChaCha20-Poly1305 with a random nonce. Field and log are authenticated, so that a value
    /// cannot be passed off as that of another field.
    mutating func seal(
        _ text: String, field: String, month: String
    ) throws(AuditLogError) -> String {
        let key = try key(of: month)
        do {
            let box = try ChaChaPoly.seal(
                Array(text.utf8), using: key, authenticating: bound(month, field))
            return SealedText(month: month, bytes: Array(box.combined)).text
        } catch {
            throw AuditLogError(.key, "a value cannot be sealed", cause: error)
        }
    }

    /// The value again.
    /// - Throws: `key` when the month's key is gone or is not the one it was sealed with.
    func reveal(_ sealed: String, field: String) throws(AuditLogError) -> String {
        guard let sealed = SealedText(sealed) else {
            throw AuditLogError(.key, "not a sealed value")
        }
        let path = layout.field(sealed.month)
        guard DurableFiles.exists(path) else {
            throw AuditLogError(.missing, "the key of \(sealed.month) is not there")
        }
        let key = try SecretKeyFile(path).read()
        guard let box = try? ChaChaPoly.SealedBox(combined: sealed.bytes),
            let bytes = try? ChaChaPoly.open(
                box, using: key, authenticating: bound(sealed.month, field)),
            let text = String(validating: Array(bytes), as: UTF8.self)
        else {
            throw AuditLogError(.key, "the key of \(sealed.month) does not open this value")
        }
        return text
    }

    /// The additional data of the cipher.
    private func bound(_ month: String, _ field: String) -> [UInt8] {
        Array("auditlog-field/v1\n\(origin)\n\(month)\n\(field)".utf8)
    }

    /// Made on the first need of a month, durable before it is used: a value whose key a crash takes
    /// away is never recorded.
    private mutating func key(of month: String) throws(AuditLogError) -> SymmetricKey {
        if let current, current.month == month { return current.key }
        if DurableFiles.exists(layout.shredding(month)) {
            throw AuditLogError(.key, "the key of \(month) is being destroyed: open the log again")
        }
        do throws(FileError) {
            try DurableFiles.makeFolder(layout.fields)
        } catch {
            throw AuditLogError(.key, "the folder of field keys cannot be made", cause: error)
        }
        let file = SecretKeyFile(layout.field(month))
        try file.make()
        let key = try file.read()
        current = (month, key)
        return key
    }

    /// Forgets a key in memory, before it is destroyed on disk.
    mutating func forget(_ month: String) {
        if current?.month == month { current = nil }
    }
}
