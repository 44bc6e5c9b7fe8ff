import OrderedJSON

/// Why an answer says nothing that can be acted on.
struct AnswerFault: Error, CustomStringConvertible {
    let description: String
}

/// Reads answers as tolerantly as `skypay-api.md §1` asks, and no further.
enum AnswerReading {
    /// Bytes of an unreadable body shown to people.
    static let shownBytes = 200

    /// The answer in an object; nil without a responseCode.
    static func answer(
        _ fields: JSONObject, status: Int, wasDecrypted: Bool
    ) -> Answer? {
        guard let code = fields.caseInsensitive("responseCode")?.scalarText, !code.isEmpty else {
            return nil
        }
        return Answer(
            code: ReturnCode(rawValue: code),
            description: fields.caseInsensitive("responseDescription")?.scalarText ?? "",
            responseTime: fields.caseInsensitive("responseTime")?.scalarText ?? "",
            fields: fields, httpStatus: status, wasDecrypted: wasDecrypted)
    }

    /// The object in a response.
    static func fields(
        status: Int, body: [UInt8], _ credentials: SkyPayCredentials
    ) throws(AnswerFault) -> JSONObject {
        guard (200...299).contains(status) else {
            throw AnswerFault(description: "HTTP \(status): " + excerpt(body))
        }
        let json: [UInt8]
        do {
            json = try credentials.open(body)
        } catch {
            throw AnswerFault(description: "the answer cannot be read: \(error)")
        }
        do {
            let value = try JSONValue(parsing: json)
            guard let object = value.objectValue else {
                throw AnswerFault(description: "the answer is not a JSON object")
            }
            return object
        } catch let fault as AnswerFault {
            throw fault
        } catch {
            throw AnswerFault(description: "the answer is not JSON: \(error)")
        }
    }

    /// Printable ASCII of the raw text, so that an error page can be recognised.
    private static func excerpt(_ body: [UInt8]) -> String {
        let shown = body.prefix(shownBytes).map { (0x20...0x7E).contains($0) ? $0 : 0x2E }
        return String(decoding: shown, as: UTF8.self)
    }
}
