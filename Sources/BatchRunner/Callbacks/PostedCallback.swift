import AuditLog
import OrderedJSON

/// A callback that was posted instead of dropped. It has no original in the inbox; its claim says in
/// `identity` how and whence it came: `{"via":"http","from":"203.0.113.7"}`.
struct PostedCallback: Sendable {
    var fileID: String
    /// The body as it came.
    var body: [UInt8]
    /// The other end of the connection, without its port: SkyPay, or the proxy before us.
    var address: String
    var isEncrypted: Bool

    /// The claim. It comes from the inbox's own sender, so that the same callback in a file is known
    /// again; its name tells people what it is.
    var claim: FileClaim {
        let name = "callback-" + fileID + (isEncrypted ? ".txt" : ".json")
        return FileClaim(
            fileID: fileID, sender: "", name: name, outputName: name,
            sha256: SHA256Text.of(body), bytes: body.count, sideSHA256: nil,
            identity: [
                Self.via: .string(Self.http), Self.from: .string(PersonalData.safe(address)),
            ])
    }

    static let via = "via"
    static let http = "http"
    static let from = "from"
}

extension FileClaim {
    /// Its answer goes back on its connection: nothing is owed to the outbox.
    var isPosted: Bool { identity[PostedCallback.via]?.stringValue == PostedCallback.http }
}

extension StoredFile {
    /// It came over HTTP: nothing of it lies in the inbox, and its answer goes back the same way
    /// instead of into the outbox.
    var isPosted: Bool { identity[PostedCallback.via]?.stringValue == PostedCallback.http }
}
