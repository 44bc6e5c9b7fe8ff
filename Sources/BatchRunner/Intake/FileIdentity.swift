import AuditLog
import OrderedJSON

/// Which file, in which condition: what must not change between settling and unlinking.
struct FileIdentity: Sendable, Hashable {
    var device: UInt64
    var inode: UInt64
    /// Bytes.
    var size: Int64
    /// Time of the last change of contents, in nanoseconds since 1970.
    var modified: Int64
    /// Time of the last change of contents, links, owner or name, in nanoseconds since 1970.
    var changed: Int64

    /// The same file with the same contents as far as fstat can tell. A rename alters `changed`,
    /// so it does not count here.
    func isSameContent(as other: FileIdentity) -> Bool {
        isSameFile(as: other) && size == other.size && modified == other.modified
    }

    /// The same file, whatever has been written to it since.
    func isSameFile(as other: FileIdentity) -> Bool {
        device == other.device && inode == other.inode
    }

    /// No file's: for what has no original, or one that the journal does not tell.
    static let unknown = FileIdentity(device: 0, inode: 0, size: -1, modified: 0, changed: 0)

    /// For the journal: `{"device","inode","size","modified","changed"}`, numbers as text.
    var json: JSONObject {
        [
            "device": Self.text(device), "inode": Self.text(inode), "size": Self.text(size),
            "modified": Self.text(modified), "changed": Self.text(changed),
        ]
    }

    /// Reads `json` back; nil when a part is missing or not a number.
    init?(_ json: JSONObject) {
        guard let device: UInt64 = Self.number(json["device"]),
            let inode: UInt64 = Self.number(json["inode"]),
            let size: Int64 = Self.number(json["size"]),
            let modified: Int64 = Self.number(json["modified"]),
            let changed: Int64 = Self.number(json["changed"])
        else { return nil }
        self.init(
            device: device, inode: inode, size: size, modified: modified, changed: changed)
    }

    init(device: UInt64, inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    /// Ends a number that could be taken for a card's: digits beside a letter never are. The log
    /// would have it masked otherwise, and nothing is found again by what is masked.
    private static let end = "n"

    /// All others are plain, so that earlier versions read them too.
    private static func text<Number: FixedWidthInteger>(_ number: Number) -> JSONValue {
        let plain = String(number)
        return .string(CardNumber.isFound(in: plain) ? plain + end : plain)
    }

    private static func number<Number: FixedWidthInteger>(_ value: JSONValue?) -> Number? {
        guard let text = value?.stringValue else { return nil }
        return Number(text.hasSuffix(end) ? String(text.dropLast(end.count)) : text)
    }
}
