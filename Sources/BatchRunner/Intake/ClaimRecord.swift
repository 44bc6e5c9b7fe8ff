import OrderedJSON

/// A claim as the journal knows it: enough to finish it after a crash.
struct ClaimRecord: Sendable, Equatable {
    /// Name of the private copy: the fileId, or `<fileId>.ctl` for a side file.
    let storedName: String
    /// Sub-folder of the inbox; empty for the inbox itself. In the journal sender and name have digits
    /// masked that could be a card's: the original is looked for with `lying(in:as:)`.
    let sender: String
    let name: RawName
    /// The original as it was copied.
    let identity: FileIdentity
    /// SHA-256 of the copy, in hexadecimal.
    let sha256: String

    /// The same claim, under the sender and the name its original really has.
    func lying(in sender: String, as name: RawName) -> ClaimRecord {
        ClaimRecord(
            storedName: storedName, sender: sender, name: name, identity: identity,
            sha256: sha256)
    }

    /// Key of the side file's identity within the file's.
    private static let sideKey = "side"

    /// Name of the private copy of a side file.
    static func sideStoredName(_ fileID: String) -> String { fileID + NameRules.sideSuffix }

    /// Both identities for the journal's `identity` member.
    static func identity(file: FileIdentity, side: FileIdentity?) -> JSONObject {
        var json = file.json
        json[sideKey] = side.map { .object($0.json) }
        return json
    }

    /// The claims behind one `file.claimed` event: the file and, when it had one, its side file. An
    /// identity that cannot be read is nobody's: the original is not found by it, and goes on as a new
    /// file; but a copy that is claimed is never taken for one that is not.
    static func records(
        fileID: String, sender: String, name: String, identity json: JSONObject, sha256: String,
        sideSHA256: String?
    ) -> [ClaimRecord] {
        var records = [
            ClaimRecord(
                storedName: fileID, sender: sender, name: RawName(name),
                identity: FileIdentity(json) ?? .unknown, sha256: sha256)
        ]
        if let sideSHA256 {
            let side = json[sideKey]?.objectValue.flatMap { FileIdentity($0) }
            records.append(
                ClaimRecord(
                    storedName: sideStoredName(fileID), sender: sender,
                    name: RawName(name + NameRules.sideSuffix), identity: side ?? .unknown,
                    sha256: sideSHA256))
        }
        return records
    }
}

/// Names in `inbox/.claimed`: `<storedName>~<sender>~<name>`, so that what lies there can always be
/// given back, whatever else is lost. With a leading `~` it waits to be given back.
struct ClaimedName: Sendable, Equatable {
    let storedName: String
    let sender: String
    let name: RawName

    init(storedName: String, sender: String, name: RawName) {
        self.storedName = storedName
        self.sender = sender
        self.name = name
    }

    init(_ record: ClaimRecord) {
        self.init(storedName: record.storedName, sender: record.sender, name: record.name)
    }

    /// Reads either form; nil for what is not ours.
    init?(_ raw: RawName) {
        let tilde = UInt8(ascii: "~")
        let rest = raw.bytes.first == tilde ? raw.bytes.dropFirst() : raw.bytes[...]
        let parts = rest.split(separator: tilde, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[2].isEmpty,
            let stored = RawName(bytes: Array(parts[0])).text,
            let sender = RawName(bytes: Array(parts[1])).text
        else { return nil }
        self.init(storedName: stored, sender: sender, name: RawName(bytes: Array(parts[2])))
    }

    /// True for names that wait to be given back.
    static func isStranded(_ raw: RawName) -> Bool { raw.bytes.first == UInt8(ascii: "~") }

    var inClaimed: RawName {
        RawName(bytes: Array("\(storedName)~\(sender)~".utf8) + name.bytes)
    }

    var stranded: RawName { RawName(bytes: [UInt8(ascii: "~")] + inClaimed.bytes) }
}
