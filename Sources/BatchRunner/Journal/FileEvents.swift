import AuditLog
import OrderedJSON

/// What is known of a file when it is claimed: everything later steps need, without the inbox.
struct FileClaim: Sendable, Equatable {
    var fileID: String
    /// Sub-folder of the inbox; empty for the inbox itself.
    var sender: String
    /// As it was dropped, odd bytes escaped.
    var name: String
    /// What its answers are called: `name`, or `name~n` for the n-th of that name.
    var outputName: String
    var sha256: String
    var bytes: Int
    /// Hash of the side file, when there was one.
    var sideSHA256: String?
    /// Device, inode, size and times of the original, for recovery (see Intake).
    var identity: JSONObject

    /// The event that makes the claim durable: only after it may the original be unlinked.
    func draft(_ author: EventAuthor) -> EventDraft {
        var data: JSONObject = [
            "name": .string(name), "sender": .string(sender), "outputName": .string(outputName),
            "sha256": .string(sha256), "bytes": .number(String(bytes)),
        ]
        data["sideSha256"] = sideSHA256.map { .string($0) }
        data["identity"] = .object(identity)
        return author.draft(.fileClaimed, subject: ["file": .string(fileID)], data: data)
    }

    init(
        fileID: String, sender: String, name: String, outputName: String, sha256: String,
        bytes: Int, sideSHA256: String?, identity: JSONObject
    ) {
        self.fileID = fileID
        self.sender = sender
        self.name = name
        self.outputName = outputName
        self.sha256 = sha256
        self.bytes = bytes
        self.sideSHA256 = sideSHA256
        self.identity = identity
    }

    /// Reads a claim back from its event; also from `file.quarantined`, which has no content.
    init?(_ event: Event) {
        guard let file = event.subject["file"]?.stringValue,
            let name = event.data["name"]?.stringValue
        else { return nil }
        fileID = file
        self.name = name
        sender = event.data["sender"]?.stringValue ?? ""
        outputName = event.data["outputName"]?.stringValue ?? name
        sha256 = event.data["sha256"]?.stringValue ?? ""
        bytes = event.data["bytes"]?.integerValue ?? 0
        sideSHA256 = event.data["sideSha256"]?.stringValue
        identity = event.data["identity"]?.objectValue ?? [:]
    }
}
