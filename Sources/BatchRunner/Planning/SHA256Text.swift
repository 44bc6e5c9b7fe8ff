import Crypto

/// SHA-256 as lower-case hexadecimal text.
enum SHA256Text {
    static func of(_ text: String) -> String { of(Array(text.utf8)) }

    static func of(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map(hexadecimal).joined()
    }
}
