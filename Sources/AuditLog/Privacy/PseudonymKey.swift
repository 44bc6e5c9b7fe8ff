import Crypto
import DurableFiles

/// Gives the same account or identity number the same pseudonym for the life of the log, and nobody
/// without the key a way to try numbers out. Destroying the key shreds the link between all of them.
public struct PseudonymKey: Sendable {
    private let key: SymmetricKey

    /// What a pseudonym begins with.
    public static let prefix = "p_"
    /// Characters behind the prefix: 16 bytes as base64url without padding.
    static let encodedCount = 22
    private static let pseudonymBytes = 16

    /// Reads `pseudonym.key` in a keys folder.
    /// - Throws: `AuditLogError` with code `key`.
    public init(keys: String) throws(AuditLogError) {
        key = try SecretKeyFile(KeyLayout(directory: keys).pseudonym).read()
    }

    init(bytes: [UInt8]) { key = SymmetricKey(data: bytes) }

    /// `p_` and 22 base64url characters: the first 16 bytes of HMAC-SHA256 over the normalized value.
    public func pseudonym(of value: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(Self.normalized(value).utf8), using: key)
        let text = Base64.encode(Array(code.prefix(Self.pseudonymBytes)))
        let url = text.utf8.prefix(Self.encodedCount).map { byte -> UInt8 in
            byte == 0x2B ? 0x2D : byte == 0x2F ? 0x5F : byte
        }
        return Self.prefix + String(decoding: url, as: UTF8.self)
    }

    /// The value as it is compared: without space (0x20), tab and hyphen-minus, `a`–`z` as `A`–`Z`;
    /// every other byte stays. So "0917 123-4567" is "09171234567"; leading zeros count.
    public static func normalized(_ value: String) -> String {
        let bytes = value.utf8.compactMap { byte -> UInt8? in
            switch byte {
            case 0x20, 0x09, 0x2D: nil
            case 0x61...0x7A: byte - 0x20
            default: byte
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// True when the text has the form of a pseudonym.
    public static func isOne(_ text: String) -> Bool {
        guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + encodedCount else {
            return false
        }
        let standard = text.utf8.dropFirst(prefix.utf8.count).map { byte -> UInt8 in
            byte == 0x2D ? 0x2B : byte == 0x5F ? 0x2F : byte == 0x2B || byte == 0x2F ? 0 : byte
        }
        return Base64.decode(standard + [0x3D, 0x3D])?.count == pseudonymBytes
    }

    /// Makes the key of a log that was never opened; afterwards it must be there.
    ///
    /// The pin tells which: it covers one event until the first opening, and the key is durable
    /// before that. So a key that is missing later was lost, and making another would tear every
    /// party in two.
    static func makeWhenNew(_ keys: KeyLayout) throws(AuditLogError) {
        guard !DurableFiles.exists(keys.pseudonym), let pin = try keys.readPin() else { return }
        guard pin.size <= 1 else {
            throw AuditLogError(
                .key, "\(keys.pseudonym) is missing: restore it, or parties cannot be told again")
        }
        try SecretKeyFile(keys.pseudonym).make()
    }
}

/// 32 random bytes in a file of its own: one line of base64.
struct SecretKeyFile {
    static let keyBytes = 32
    let path: String

    init(_ path: String) { self.path = path }

    /// The key.
    /// - Throws: code `key` when it is missing or malformed.
    func read() throws(AuditLogError) -> SymmetricKey {
        guard let bytes = Base64.decode(try lineOfText(path, .key).utf8),
            bytes.count == Self.keyBytes
        else { throw AuditLogError(.key, "\(path) holds no usable key: restore it") }
        return SymmetricKey(data: bytes)
    }

    /// Makes a key, durable when this returns; one that is there stays.
    func make() throws(AuditLogError) {
        do throws(FileError) {
            try DurableFiles.createOnce(path, Self.line(SymmetricKey(size: .bits256)))
        } catch {
            if DurableFiles.exists(path) { return }
            throw AuditLogError(.key, "a key cannot be made", cause: error)
        }
    }

    /// The bytes of the file.
    static func line(_ key: SymmetricKey) -> [UInt8] {
        Array((Base64.encode(key.withUnsafeBytes { Array($0) }) + "\n").utf8)
    }

    /// Tells a key without telling anything about it: SHA-256 of `auditlog-fingerprint/v1`, a
    /// newline and the 32 bytes.
    static func fingerprint(_ key: SymmetricKey) -> String {
        let text = Array("auditlog-fingerprint/v1\n".utf8)
        return sha256Text(text + key.withUnsafeBytes { Array($0) })
    }
}

extension KeyLayout {
    /// The key of the pseudonyms.
    var pseudonym: String { "\(directory)/pseudonym.key" }
    /// The folder of the months' keys.
    var fields: String { "\(directory)/fields" }
    /// The key that seals values of a month, `2026-11`.
    func field(_ month: String) -> String { "\(fields)/\(month).key" }
    /// There while the key of a month is being destroyed.
    func shredding(_ month: String) -> String { "\(fields)/\(month).shredding" }
    /// There while the key of the pseudonyms is being replaced.
    var pseudonymShredding: String { "\(directory)/pseudonym.shredding" }
}
