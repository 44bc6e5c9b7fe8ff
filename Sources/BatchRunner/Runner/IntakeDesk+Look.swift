extension IntakeDesk {
    /// What one look at the inbox came to.
    struct Look: Sendable {
        /// Files judged now, in order.
        var judged: [String] = []
        /// Files that wait, with the reason.
        var waiting: [WaitingFile] = []
        /// How many of these, the first ones, were taken before and only cannot be moved away.
        var leftOriginals = 0
        /// Entries that still change.
        var growing: [InboxEntry] = []
        /// Responses another file stands in the way of.
        var conflicts: [OutboxConflict] = []
        /// When everything that still changes will have settled, if nothing more does (monotonic).
        var settlesAt: Duration?
        /// When the first of it will have.
        var nextSettlesAt: Duration?
        /// True when more was ready than one look takes: look again at once.
        var isCut = false
        /// Senders some of whose files were ready and not reached in this look.
        var unreached: Set<String> = []
        /// Senders' folders that cannot be read: nothing in them is ever seen.
        var unreadable: [String] = []
        /// Senders' folders that hold more than is looked at; empty for the inbox itself.
        var crowded: [String] = []
        /// Why the outbox does not show what waits, in words.
        var unshown: [String] = []
    }
}

extension IntakeDesk.Look {
    /// What stands in the way of taking files and of answering, in words with the remedy.
    var problems: [String] { conflicts.map(\.description) + unseenProblems + unshown }

    /// Folders whose files are never seen, or not all of them.
    var unseenProblems: [String] {
        let unread = unreadable.map {
            "inbox/\($0) cannot be read: nothing in it is seen; give the runner's user access"
        }
        return unread + crowded.map(Self.crowdedProblem)
    }

    private static func crowdedProblem(_ sender: String) -> String {
        let folder = sender.isEmpty ? "inbox" : "inbox/\(sender)"
        return "\(folder) holds more than \(InboxScanner.maxEntries) files: the others are seen "
            + "when these are taken; have what waits there taken away, or raise filesPerDay"
    }
}
