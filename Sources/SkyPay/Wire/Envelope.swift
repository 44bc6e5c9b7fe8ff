import Crypto
import CryptoExtras

/// SkyPay's envelope, both ways: base64 of AES-128/ECB/PKCS#7 under the first 16 bytes of
/// SHA-1(SHA-1(password key)) (`skypay-api.md §1`). ECB hides repetition badly and proves
/// nothing about who wrote a text; that is the provider's choice and cannot be mended here.
public struct Envelope: Sendable {
    /// Length of a cipher block, in bytes.
    static let blockLength = 16

    private let key: SymmetricKey

    /// An envelope under the partner's password key.
    public init(passwordKey: String) {
        let once = Insecure.SHA1.hash(data: Array(passwordKey.utf8))
        let twice = Insecure.SHA1.hash(data: Array(once))
        key = SymmetricKey(data: Array(twice.prefix(Self.blockLength)))
    }

    /// Encrypts a JSON text: base64 on one line.
    public func seal(_ json: [UInt8]) -> String {
        let padding = Self.blockLength - json.count % Self.blockLength
        var bytes = json + [UInt8](repeating: UInt8(padding), count: padding)
        for start in stride(from: 0, to: bytes.count, by: Self.blockLength) {
            let block = start..<(start + Self.blockLength)
            var copy = Array(bytes[block])
            do {
                try AES.permute(&copy, key: key)
            } catch {
                // Only a wrong block or key length throws, and both are 16 by construction.
                preconditionFailure("AES refused a 16-byte block under a 16-byte key")
            }
            bytes.replaceSubrange(block, with: copy)
        }
        return Base64.encode(bytes)
    }

    /// Decrypts an envelope; CR, LF and spaces inside are set aside.
    /// - Throws: `EnvelopeError` when it is not base64, not whole blocks, or wrongly padded (most
    ///   often: another key).
    public func open(_ text: [UInt8]) throws(EnvelopeError) -> [UInt8] {
        guard var bytes = Base64.decode(text) else { throw EnvelopeError(code: .notBase64) }
        guard !bytes.isEmpty, bytes.count % Self.blockLength == 0 else {
            throw EnvelopeError(code: .notWholeBlocks)
        }
        for start in stride(from: 0, to: bytes.count, by: Self.blockLength) {
            let block = start..<(start + Self.blockLength)
            var copy = Array(bytes[block])
            do {
                try AES.inversePermute(&copy, key: key)
            } catch {
                throw EnvelopeError(code: .wrongKey)
            }
            bytes.replaceSubrange(block, with: copy)
        }
        guard let last = bytes.last, (1...UInt8(Self.blockLength)).contains(last),
            bytes.suffix(Int(last)).allSatisfy({ $0 == last })
        else { throw EnvelopeError(code: .wrongKey) }
        bytes.removeLast(Int(last))
        return bytes
    }
}

/// Why an envelope did not open.
public struct EnvelopeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: Sendable {
        /// Bytes outside the base64 alphabet, or a wrong length or ending.
        case notBase64
        /// Empty, or not a multiple of 16 bytes.
        case notWholeBlocks
        /// The padding is wrong: another key, or damaged bytes.
        case wrongKey
    }

    /// What is wrong.
    public let code: Code

    /// What is wrong and what to do; nothing of the content.
    public var description: String {
        switch code {
        case .notBase64: "the text is not base64; it was altered or cut on its way"
        case .notWholeBlocks: "the encrypted text is cut: not a whole number of 16-byte blocks"
        case .wrongKey: "the text does not decrypt; check skypay.passwordKey"
        }
    }
}
