import DurableFiles
import OrderedJSON

extension Evidence {
    /// Reads everything a folder of a self-test holds, with no program running in it.
    /// - Throws: `SelfTestError` when a part is missing or cannot be read.
    init(_ folders: TrialFolders) throws(SelfTestError) {
        self.init()
        dropped = try Self.dropped(folders)
        firstSeen = try Self.firstSeen(folders)
        let follower = LogFollower(folders.audit)
        try follower.read()
        events = follower.events
        for name in Listing.files(folders.outbox) where OutboxWatch.isResponse(name) {
            outbox[name] = Listing.bytes(folders.outbox + "/" + name)
        }
        for name in Listing.files(folders.copies) {
            copies[name] = Listing.bytes(folders.copies + "/" + name).map(SHA256Text.of)
        }
        guard let lines = Listing.bytes(folders.providerLedger) else {
            throw SelfTestError("\(folders.providerLedger) is missing: nothing can be judged")
        }
        provider = try ProviderBooks(lines: lines)
    }

    private static func dropped(_ folders: TrialFolders) throws(SelfTestError) -> [DroppedFile] {
        guard let bytes = Listing.bytes(folders.dropped) else {
            throw SelfTestError(
                "\(folders.dropped) is missing: this is no folder that a self-test has kept")
        }
        var files: [DroppedFile] = []
        for line in bytes.split(separator: 0x0A) {
            guard let json = try? JSONValue(parsing: Array(line)), let file = DroppedFile(json)
            else {
                throw SelfTestError("\(folders.dropped) cannot be read")
            }
            files.append(file)
        }
        return files
    }

    private static func firstSeen(_ folders: TrialFolders) throws(SelfTestError) -> [String: String]
    {
        guard let bytes = Listing.bytes(folders.firstSeen),
            let object = (try? JSONValue(parsing: bytes))?.objectValue
        else { throw SelfTestError("\(folders.firstSeen) cannot be read") }
        return Dictionary(
            object.members.map { ($0.name, $0.value.stringValue ?? "") }
        ) { first, _ in first }
    }
}
