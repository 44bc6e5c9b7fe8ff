import Crypto

/// SHA-256 as lower-case hexadecimal text.
enum SHA256Text {
    static func of(_ text: String) -> String { of(Array(text.utf8)) }

    static func of(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

    /// A digest as text.
    static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// SHA-256 over bytes that come in pieces.
struct RunningHash {
    private var hash = SHA256()

    mutating func update(_ bytes: [UInt8]) { hash.update(data: bytes) }

    /// The digest as text.
    consuming func text() -> String { SHA256Text.hexadecimal(hash.finalize()) }
}
