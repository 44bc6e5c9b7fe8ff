import Foundation

/// A file name as the system gives it: bytes, which need not be text.
struct RawName: Sendable, Hashable {
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The name as text; nil when it is not UTF-8.
    var text: String? { String(validating: bytes, as: UTF8.self) }

    /// The name itself when it is sane, otherwise `escaped`: fit for journal, answers and paths.
    var shown: String {
        NameRules.fault(in: self) == nil ? (text ?? escaped) : escaped
    }

    /// Bytes outside `[A-Za-z0-9._-]` as `%XX`.
    var escaped: String { Self.escape(bytes) }

    /// `escaped`, cut to at most `limit` bytes at a whole character.
    func escaped(limit: Int) -> String {
        var result = ""
        for byte in bytes {
            let next = Self.escape([byte])
            if result.utf8.count + next.utf8.count > limit { break }
            result += next
        }
        return result
    }

    func hasSuffix(_ suffix: String) -> Bool {
        bytes.suffix(suffix.utf8.count) == Array(suffix.utf8)[...]
    }

    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (bytes + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                // Never empty: the terminator is always there.
                characters.baseAddress.map(body) ?? body("")
            }
        }
    }

    private static func escape(_ bytes: [UInt8]) -> String {
        var result = ""
        for byte in bytes {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hexadecimal = String(byte, radix: 16, uppercase: true)
                result += "%" + (hexadecimal.count == 1 ? "0" : "") + hexadecimal
            }
        }
        return result
    }
}
