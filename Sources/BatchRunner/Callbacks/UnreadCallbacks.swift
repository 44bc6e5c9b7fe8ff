/// What SkyPay reported while nobody ran: in the inbox, or claimed and without a verdict.
struct UnreadCallbacks {
    private let folder: SiteFolder
    private let configuration: RunnerConfiguration
    private let ledger: Ledger

    init(_ folder: SiteFolder, _ configuration: RunnerConfiguration, _ ledger: Ledger) {
        self.folder = folder
        self.configuration = configuration
        self.ledger = ledger
    }

    /// Whether a file could be a callback; no file is read for that.
    func mayBeThere() throws -> Bool {
        func takesCallbacks(_ sender: String) -> Bool {
            configuration.sender(sender).acceptsCallbacks
        }
        let unjudged = try ledger.filesWithoutVerdict()
        if unjudged.contains(where: { $0.isPosted || takesCallbacks($0.sender) }) { return true }
        let scan = try InboxScanner(site: folder).scan()
        return scan.entries.contains { takesCallbacks($0.sender) }
            || (scan.unreadableSenders + scan.cutSenders).contains(where: takesCallbacks)
    }
}
