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

    /// For the journal: `{"device","inode","size","modified","changed"}`, numbers as text.
    var json: JSONObject {
        [
            "device": .string(String(device)), "inode": .string(String(inode)),
            "size": .string(String(size)), "modified": .string(String(modified)),
            "changed": .string(String(changed)),
        ]
    }

    /// Reads `json` back; nil when a part is missing or not a number.
    init?(_ json: JSONObject) {
        guard let device = json["device"]?.stringValue.flatMap({ UInt64($0) }),
            let inode = json["inode"]?.stringValue.flatMap({ UInt64($0) }),
            let size = json["size"]?.stringValue.flatMap({ Int64($0) }),
            let modified = json["modified"]?.stringValue.flatMap({ Int64($0) }),
            let changed = json["changed"]?.stringValue.flatMap({ Int64($0) })
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
}
