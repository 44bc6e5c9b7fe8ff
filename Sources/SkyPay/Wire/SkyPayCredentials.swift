/// Who the partner is. Text made of it never shows the secrets.
public struct SkyPayCredentials: Sendable, CustomStringConvertible, CustomReflectable {
    /// The last part of the URL.
    public let callerName: String
    /// `AppName@skypay`.
    public let userName: String
    /// The partner's GUID-like secret.
    public let authentication: String
    /// The key of the envelope.
    public let passwordKey: String
    /// The key before the last change, still accepted for reading.
    public let previousPasswordKey: String?

    /// The credentials of one partner.
    public init(
        callerName: String, userName: String, authentication: String, passwordKey: String,
        previousPasswordKey: String? = nil
    ) {
        self.callerName = callerName
        self.userName = userName
        self.authentication = authentication
        self.passwordKey = passwordKey
        self.previousPasswordKey = previousPasswordKey
    }

    /// Caller and user; no secrets.
    public var description: String { "SkyPay partner \(callerName) (\(userName))" }

    /// As `description`: a dump must not show the secrets either.
    public var customMirror: Mirror {
        Mirror(self, children: ["callerName": callerName, "userName": userName])
    }

    /// Opens an envelope with the present key, or else with the previous one. A message that
    /// begins with `{` is plain JSON, the provider's error path.
    func open(_ text: [UInt8]) throws(EnvelopeError) -> [UInt8] {
        try openTelling(text).text
    }

    /// As `open`, and whether it took the previous key: then the answer is sealed with it too.
    func openTelling(
        _ text: [UInt8]
    ) throws(EnvelopeError) -> (text: [UInt8], withPrevious: Bool) {
        if Self.looksLikeJSON(text) { return (text, false) }
        do {
            let opened = try Envelope(passwordKey: passwordKey).open(text)
            if previousPasswordKey == nil || Self.looksLikeJSON(opened) {
                return (opened, false)
            }
        } catch  where previousPasswordKey == nil {
            throw error
        } catch {}
        guard let previousPasswordKey else { throw EnvelopeError(code: .wrongKey) }
        return (try Envelope(passwordKey: previousPasswordKey).open(text), true)
    }

    /// It begins with `{`: plain JSON. One wrong key in 256 leaves valid padding by chance; then
    /// only the content tells.
    static func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
        bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == 0x7B
    }
}
