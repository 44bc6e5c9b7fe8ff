import OrderedJSON
import SkyPay

/// The pictures of one bar code in `NAME.barcodes/`, and what the result says of them.
struct BarCodeFile {
    /// The reference SkyPay gave.
    let reference: String
    /// Name of the pictures without their endings: contract number and reference.
    let name: String
    /// Until when the reference is valid, unix seconds: 24 hours after it was first asked for, so
    /// never later than SkyPay counts (`skypay-api.md §2`, generate711Barcode).
    let expiresAt: Int64

    static let validSeconds: Int64 = 86_400
    /// What a result row says besides SkyPay's answer.
    static let columns = ["expiresAt", "barcode"]

    init(_ row: StoredRequest, _ answer: JSONObject, _ ledger: Ledger) throws {
        reference = answer.caseInsensitive("referenceNumber")?.scalarText ?? ""
        let safe = reference.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        name = "\(row.number ?? String(row.key.row))_\(String(safe))"
        let asked = try ledger.firstAsked(row, withinSeconds: Self.validSeconds)
        expiresAt = asked + Self.validSeconds
    }

    /// The pictures; nil for a reference that Code 128-A cannot write.
    var images: BarCodeImages? {
        Code128A(reference).map {
            BarCodeImages(code: $0, validUntil: PhilippineTime.rfc3339(unixSeconds: expiresAt))
        }
    }

    /// The answer with what is known besides.
    func described(_ answer: JSONObject) -> JSONObject {
        var object = answer
        object["expiresAt"] = .string(PhilippineTime.rfc3339(unixSeconds: expiresAt))
        object["barcode"] = images == nil ? nil : .string(name)
        return object
    }
}
