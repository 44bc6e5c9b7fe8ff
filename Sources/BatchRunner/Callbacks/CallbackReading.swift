import DurableFiles
import Glibc
import OrderedJSON
import SkyPay

/// Bytes of a callback → the object in it, opened with either key.
struct CallbackReading: Sendable {
    let credentials: SkyPayCredentials

    /// Longest callback that is read, in bytes.
    static let maxBytes = 65_536
    /// Most of what is wrong with a text that is told, in characters.
    private static let mostShown = 120

    /// What a file holds.
    struct Contents: Sendable {
        var object: JSONObject
        /// SkyPay's encrypted text, and not plain JSON.
        var isEncrypted: Bool
        /// It was sealed with the key before a change.
        var withPreviousKey: Bool
    }

    /// The JSON object in a file.
    /// - Throws: `CallbackFault` in words, and whether more bytes could mend it.
    func contents(_ path: String) throws(CallbackFault) -> Contents {
        let bytes: [UInt8]
        do {
            bytes = try DurableFiles.read(path, limit: Self.maxBytes)
        } catch  where error.code == EFBIG {
            throw Self.tooLong
        } catch {
            throw CallbackFault(error.description)
        }
        return try contents(bytes)
    }

    private static let tooLong = CallbackFault("a callback has at most \(maxBytes) bytes")

    /// The JSON object in the bytes of a callback.
    /// - Throws: `CallbackFault` in words, and whether more bytes could mend it.
    func contents(_ bytes: [UInt8]) throws(CallbackFault) -> Contents {
        guard bytes.count <= Self.maxBytes else { throw Self.tooLong }
        let opened: (text: [UInt8], withPrevious: Bool)
        do {
            opened = try Callback.openTelling(bytes, credentials)
        } catch {
            throw CallbackFault(
                "the text cannot be decrypted; check skypay.passwordKey, and during a key change "
                    + "skypay.previousPasswordKeyFile", couldGrow: true)
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: opened.text)
        } catch {
            throw CallbackFault(
                // It may quote names out of the text, and whoever reaches us can send one.
                "the callback is not JSON: line \(error.line), \(shown(error.message, limit: Self.mostShown))",
                couldGrow: error.kind == .incomplete)
        }
        guard let object = value.objectValue else {
            throw CallbackFault("a callback is one JSON object")
        }
        // A message that begins with `{` is not opened, but handed on as it is.
        return Contents(
            object: object, isEncrypted: opened.text != bytes,
            withPreviousKey: opened.withPrevious)
    }
}

/// Why a callback cannot be read, in words.
struct CallbackFault: Error, CustomStringConvertible {
    let description: String
    /// More bytes could mend it.
    let couldGrow: Bool

    init(_ description: String, couldGrow: Bool = false) {
        self.description = description
        self.couldGrow = couldGrow
    }
}
