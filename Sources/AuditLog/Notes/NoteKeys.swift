import Crypto
import Foundation

/// The verification key of a log: `name+hex8(keyid)+base64(0x01 ‖ public key)` (C2SP signed-note).
public struct VerificationKey: Sendable, Equatable {
    /// Key name: the log's origin.
    public let name: String
    /// SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)[0..4].
    let identifier: [UInt8]
    private let publicKey: [UInt8]

    static let algorithm: UInt8 = 1

    init(name: String, publicKey: [UInt8]) {
        self.name = name
        self.publicKey = publicKey
        identifier = Self.identifier(name, publicKey)
    }

    /// Reads the text form.
    /// - Throws: `AuditLogError` with code `key`.
    public init(_ text: String) throws(AuditLogError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, Self.isName(parts[0]),
            let key = Base64.decode(parts[2].utf8), key.count == 33, key[0] == Self.algorithm
        else { throw AuditLogError(.key, "not a verification key: NAME+HASH+KEY is needed") }
        self.init(name: String(parts[0]), publicKey: Array(key.dropFirst()))
        guard hexadecimal(identifier) == String(parts[1]) else {
            throw AuditLogError(.key, "the hash in the verification key does not fit: mistyped?")
        }
    }

    /// The text form.
    public var text: String {
        "\(name)+\(hexadecimal(identifier))+\(Base64.encode([Self.algorithm] + publicKey))"
    }

    func isValid(_ signature: [UInt8], for text: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else {
            return false
        }
        return key.isValidSignature(signature, for: text)
    }

    static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.count <= 200
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.value > 0x20 && scalar != "+" && scalar.value != 0x7F
                    && !scalar.properties.isWhitespace
            }
    }

    static func identifier(_ name: String, _ publicKey: [UInt8]) -> [UInt8] {
        let bytes = Array(name.utf8) + [0x0A, algorithm] + publicKey
        return Array(SHA256.hash(data: bytes).prefix(4))
    }
}

/// The signing key of a log, in Go's text form `PRIVATE+KEY+name+hash+base64(0x01 ‖ seed)`.
struct SigningKey: Sendable {
    let verificationKey: VerificationKey
    private let key: Curve25519.Signing.PrivateKey

    private static let prefix = "PRIVATE+KEY+"

    /// A new key.
    init(name: String) {
        key = Curve25519.Signing.PrivateKey()
        verificationKey = VerificationKey(
            name: name, publicKey: Array(key.publicKey.rawRepresentation))
    }

    init(_ text: String) throws(AuditLogError) {
        let failure = AuditLogError(.key, "the key file holds no usable private key: restore it")
        guard text.hasPrefix(Self.prefix) else { throw failure }
        let parts = text.dropFirst(Self.prefix.count)
            .split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, VerificationKey.isName(parts[0]),
            let seed = Base64.decode(parts[2].utf8), seed.count == 33,
            seed[0] == VerificationKey.algorithm,
            let key = try? Curve25519.Signing.PrivateKey(
                rawRepresentation: Array(seed.dropFirst()))
        else { throw failure }
        self.key = key
        verificationKey = VerificationKey(
            name: String(parts[0]), publicKey: Array(key.publicKey.rawRepresentation))
        guard hexadecimal(verificationKey.identifier) == String(parts[1]) else { throw failure }
    }

    /// The text form; secret.
    var text: String {
        let seed = [VerificationKey.algorithm] + Array(key.rawRepresentation)
        let hash = hexadecimal(verificationKey.identifier)
        return "\(Self.prefix)\(verificationKey.name)+\(hash)+\(Base64.encode(seed))"
    }

    /// The whole signed note over a checkpoint's text.
    func sign(size: UInt64, root: TreeHash) throws(AuditLogError) -> SignedCheckpoint {
        let name = verificationKey.name
        let text = try sign("\(name)\n\(size)\n\(Base64.encode(root.bytes))\n")
        return try SignedCheckpoint(text: text)
    }

    /// The signed note over a text that ends in a newline.
    func sign(_ text: String) throws(AuditLogError) -> String {
        do {
            let signature = Array(try key.signature(for: Array(text.utf8)))
            let encoded = Base64.encode(verificationKey.identifier + signature)
            return "\(text)\n\u{2014} \(verificationKey.name) \(encoded)\n"
        } catch {
            throw AuditLogError(.key, "signing a note failed", cause: error)
        }
    }
}

/// Lower-case hexadecimal.
func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var output: [UInt8] = []
    for byte in bytes {
        output.append(digits[Int(byte >> 4)])
        output.append(digits[Int(byte & 15)])
    }
    return String(decoding: output, as: UTF8.self)
}

/// SHA-256 in lower-case hexadecimal.
func sha256Text(_ bytes: [UInt8]) -> String { hexadecimal(Array(SHA256.hash(data: bytes))) }
