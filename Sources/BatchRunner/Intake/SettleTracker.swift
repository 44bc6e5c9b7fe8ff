/// Decides when what lies in the inbox has come to rest. Pure: observations and our own monotonic
/// time go in, offers come out; the clocks of senders and file systems play no part.
struct SettleTracker: Sendable {
    /// How long an entry must stay unchanged.
    let settleTime: Duration

    private var sightings: [InboxEntry.Place: Sighting] = [:]

    private struct Sighting {
        var status: FileStatus
        /// When this condition was first seen.
        var since: Duration
        /// When this file was first seen, in whatever condition.
        var firstSeen: Duration
        /// A program had it open for writing when it was asked for last.
        var isOpen = false
        /// Told as refused once: what cannot be moved must not be answered at every scan.
        var isAnswered = false
        /// The pair that was read and found not whole: not offered again as it is.
        var notWhole: InboxOffer.Pair?
    }

    init(settleTime: Duration) { self.settleTime = settleTime }

    /// Takes in a scan made at `now` (monotonic, any origin) and says what is to be done.
    /// Entries no longer there are forgotten; a change of identity or links restarts the clock.
    mutating func observe(_ entries: [InboxEntry], at now: Duration) -> Settlement {
        note(entries, at: now)
        let byPlace = Dictionary(entries.map { ($0.place, $0) }) { first, _ in first }
        var result = Settlement()
        for entry in entries {
            guard let sighting = sightings[entry.place] else { continue }
            judge(entry, sighting, byPlace, now, &result)
        }
        return result
    }

    /// The offer was read and more bytes could complete it: it is offered again only when the file
    /// or its side file changes, and meanwhile listed among `notWhole`.
    mutating func markNotWhole(_ offer: InboxOffer) {
        sightings[offer.file.place]?.notWhole = offer.pair
    }

    /// What was told as refused was not reached in this look: it is told again.
    mutating func markUnanswered(_ entry: InboxEntry) {
        sightings[entry.place]?.isAnswered = false
    }

    /// A writer still holds the file open: the clock starts anew at `now`.
    mutating func markGrowing(_ entry: InboxEntry, at now: Duration) {
        sightings[entry.place]?.since = now
        sightings[entry.place]?.isOpen = true
    }

    /// When the last of these entries will have settled if nothing changes: what `run` waits for.
    func settledTime(of entries: [InboxEntry]) -> Duration? {
        settledTimes(of: entries).max()
    }

    /// When the first of them will have: a daemon looks again then, whatever else still grows.
    func nextSettledTime(of entries: [InboxEntry]) -> Duration? {
        settledTimes(of: entries).min()
    }

    private func settledTimes(of entries: [InboxEntry]) -> [Duration] {
        entries.compactMap { sightings[$0.place].map { $0.since + settleTime } }
    }

    /// Why an entry that has not settled waits, in words, and whether it does for so long that its
    /// sender should be told: every file takes one settle time.
    func growth(of entry: InboxEntry, at now: Duration) -> (reason: String, isLong: Bool) {
        guard let sighting = sightings[entry.place] else { return (Self.changing, false) }
        let reason = sighting.isOpen ? Self.open : Self.changing
        return (reason, now - sighting.firstSeen >= settleTime * Self.longInSettleTimes)
    }

    private static let changing = "growing: it has not settled"
    private static let open = "growing: a program has it open for writing"
    private static let longInSettleTimes = 2

    private mutating func note(_ entries: [InboxEntry], at now: Duration) {
        var next: [InboxEntry.Place: Sighting] = [:]
        next.reserveCapacity(entries.count)
        for entry in entries {
            next[entry.place] = sighting(of: entry, after: sightings[entry.place], at: now)
        }
        sightings = next
    }

    private func sighting(
        of entry: InboxEntry, after known: Sighting?, at now: Duration
    ) -> Sighting {
        guard let known, known.status.identity.isSameFile(as: entry.identity) else {
            return Sighting(status: entry.status, since: now, firstSeen: now)
        }
        if known.status == entry.status { return known }
        return Sighting(
            status: entry.status, since: now, firstSeen: known.firstSeen, isOpen: known.isOpen)
    }

    private mutating func judge(
        _ entry: InboxEntry, _ sighting: Sighting, _ byPlace: [InboxEntry.Place: InboxEntry],
        _ now: Duration, _ result: inout Settlement
    ) {
        let unchanged = now - sighting.since
        guard unchanged >= settleTime else {
            result.growing.append(entry)
            return
        }
        if let reason = entry.refusal {
            if !sighting.isAnswered { result.refused.append((entry, reason)) }
            sightings[entry.place]?.isAnswered = true
            return
        }
        if entry.name.hasSuffix(NameRules.sideSuffix) {
            let owner = entry.name.bytes.dropLast(NameRules.sideSuffix.utf8.count)
            let place = InboxEntry.Place(
                sender: entry.sender, name: RawName(bytes: Array(owner)))
            // With its file there it goes where the file goes.
            if byPlace[place] == nil { result.loneSideFiles.append((entry, unchanged)) }
            return
        }
        offer(entry, sighting, byPlace, now, &result)
    }

    private func offer(
        _ entry: InboxEntry, _ sighting: Sighting,
        _ byPlace: [InboxEntry.Place: InboxEntry], _ now: Duration, _ result: inout Settlement
    ) {
        let sideName = RawName(bytes: entry.name.bytes + Array(NameRules.sideSuffix.utf8))
        var since = sighting.since
        var side = byPlace[InboxEntry.Place(sender: entry.sender, name: sideName)]
        if let found = side, let seen = sightings[found.place] {
            if now - seen.since < settleTime {
                result.growing.append(entry)
                return
            }
            since = max(since, seen.since)
            // What is refused is answered on its own; the file goes on waiting without it.
            if found.refusal != nil { side = nil }
        }
        let offer = InboxOffer(file: entry, side: side)
        if sighting.notWhole == offer.pair {
            result.notWhole.append((offer, now - since))
        } else {
            result.ready.append(offer)
        }
    }
}

/// A file that has come to rest, with its side file when there is one.
struct InboxOffer: Sendable, Hashable {
    let file: InboxEntry
    let side: InboxEntry?

    /// Both in their present condition.
    struct Pair: Sendable, Hashable {
        let file: FileIdentity
        let side: FileIdentity?
    }

    var pair: Pair { Pair(file: file.identity, side: side?.identity) }
}

/// What is to be done about everything in the inbox, each entry in at most one list (a side file
/// counts with its file).
struct Settlement: Sendable {
    /// To be claimed now.
    var ready: [InboxOffer] = []
    /// Read before and not whole, with the time since the last change: wait, or reject once
    /// that passes `incompleteSeconds`.
    var notWhole: [(offer: InboxOffer, unchanged: Duration)] = []
    /// Side files without a file, with the time since their last change.
    var loneSideFiles: [(entry: InboxEntry, unchanged: Duration)] = []
    /// Still changing.
    var growing: [InboxEntry] = []
    /// At rest and never to be taken: to be quarantined with this reason. Told once; if the move
    /// fails, again only after a change, after `markUnanswered`, or by another tracker.
    var refused: [(entry: InboxEntry, reason: String)] = []
}
