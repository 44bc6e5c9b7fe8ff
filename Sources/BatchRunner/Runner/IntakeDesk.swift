import AuditLog
import DurableFiles
import OrderedJSON
import SkyPay

/// From the inbox to the verdict, one file after the other: what has settled is copied, proven
/// whole, claimed in the journal, taken out of the inbox, judged. Owner of what is known about
/// files that still wait.
actor IntakeDesk {
    let site: RunnerSite
    private let judge: FileJudge
    private let responses: ResponseDesk
    private let claims: Claims
    private let quarantine: Quarantine
    private let scanner: InboxScanner
    private let board: WaitingBoard
    private let mostTaken: Int
    private var tracker: SettleTracker
    private var days = SenderDays()
    private var leftOriginals = LeftOriginals()
    private var expiries: ExpiryTurn
    /// What gzip files that wait for the disk inflate to: they are not copied and read again until
    /// that fits.
    private var inflated: [InboxEntry.Place: (pair: InboxOffer.Pair, bytes: Int64)] = [:]
    /// Senders whose folders are mounts of their own, as of the last scan.
    private var mounts: [String] = []

    /// Files taken in one look, and as many set aside.
    static let mostTaken = 250

    /// - Parameters:
    ///   - mostTaken: files taken in one look: between two of them answers go out, payouts begin and
    ///     a stop is heard, however many files came at once.
    ///   - claims: the site's own unless given; for tests.
    init(
        site: RunnerSite, judge: FileJudge, responses: ResponseDesk,
        mostTaken: Int = IntakeDesk.mostTaken, claims: Claims? = nil
    ) {
        self.site = site
        self.mostTaken = mostTaken
        self.judge = judge
        self.responses = responses
        self.claims = claims ?? Claims(site: site.folder)
        quarantine = Quarantine(site: site.folder)
        scanner = InboxScanner(
            site: site.folder, owners: site.configuration.senders.compactMapValues(\.owner))
        board = WaitingBoard(outbox: site.folder.outbox, ledger: site.journal.ledger)
        expiries = ExpiryTurn(isListening: site.configuration.callbacks.listen != nil)
        tracker = SettleTracker(
            settleTime: .seconds(site.configuration.intake.settleSeconds))
    }

    /// Ends what a crash left: claims without an unlink, verdicts without a move, files without a
    /// verdict, responses without publication. Once at start.
    func recover() async throws -> Look {
        let ledger = site.journal.ledger
        let uncleared = board.clear()
        try await responses.tidy()
        let unjudged = try ledger.filesWithoutVerdict()
        let records = unjudged.flatMap(\.claimRecords)
        mounts = try scanner.scan().mounts
        if try ledger.restoration()?.concerns(site.clock.unixSeconds()) == true {
            try await LostCopies(site: site.folder).setAside(in: site.journal)
        }
        _ = try claims.recover(unfinished: records, mounts: mounts) { name throws(SiteFault) in
            try Self.claim(name, ledger)
        }
        let scan = try scanner.scan()
        try leftOriginals.recall(scan.entries, ledger, site.folder)
        for file in try ledger.filesToAcknowledge() where file.wasSetAside {
            guard let identity = FileIdentity(file.identity) else { continue }
            _ = try quarantine.recover(
                fileID: file.fileID, sender: file.sender, shownName: file.name,
                identity: identity, in: scan)
        }
        var look = Look(unshown: uncleared)
        look.conflicts = try await responses.settle()
        for file in unjudged {
            try await judge.judge(file)
            look.judged.append(file.fileID)
            look.conflicts = try await responses.settle()
        }
        return look
    }

    /// One look at the inbox; takes what is ready, at most `mostTaken` files, and answers as many that
    /// are never taken.
    func look(at now: Duration) async throws -> Look {
        try claims.giveBackStranded(mounts)
        let scan = try scanner.scan()
        mounts = scan.mounts
        let (entries, waiting) = try leftOriginals.finish(scan.entries, by: claims)
        var look = Look(
            waiting: waiting, leftOriginals: waiting.count, unreadable: scan.unreadableSenders,
            crowded: scan.cutSenders)
        let settlement = tracker.observe(entries, at: now)
        forgetInflated(except: settlement.ready)
        try await refuse(settlement, now, &look)
        try await take(settlement.ready, now, &look)
        look.growing += settlement.growing
        look.settlesAt = tracker.settledTime(of: look.growing)
        look.nextSettlesAt = tracker.nextSettledTime(of: look.growing)
        look.waiting += settlement.notWhole.filter { !isOverdue($0.offer.file, $0.unchanged) }
            .compactMap { board.known($0.offer.file) }
        try show(&look, now)
        if let postponed = expiries.postponement(after: look, at: now, site.configuration) {
            try await judge.callbacks.expire(postponedBy: postponed)
        }
        look.conflicts = try await responses.settle()
        return look
    }

    /// Answers what is never taken and what waited too long, `mostTaken` of them: apart from the files
    /// that are ready, so that neither keeps the other waiting.
    private func refuse(
        _ settlement: Settlement, _ now: Duration, _ look: inout Look
    ) async throws {
        let most = look.judged.count + mostTaken
        for (entry, reason) in settlement.refused {
            guard look.judged.count < most else {
                tracker.markUnanswered(entry)
                look.isCut = true
                continue
            }
            look.judged += try await setAside(entry, reason)
        }
        for (offer, unchanged) in settlement.notWhole where isOverdue(offer.file, unchanged) {
            guard look.judged.count < most else {
                leaveWaiting(offer.file, &look)
                continue
            }
            try await take(offer, evenIfNotWhole: true, now, &look)
        }
        for (entry, unchanged) in settlement.loneSideFiles {
            guard isOverdue(entry, unchanged) else {
                look.waiting.append(WaitingFile(entry, "waiting for the file it belongs to"))
                continue
            }
            guard look.judged.count < most else {
                leaveWaiting(entry, &look)
                continue
            }
            look.judged += try await setAside(entry, "a side file came without its file")
        }
    }

    /// What a look does not reach goes on waiting for whatever it waited for.
    private func leaveWaiting(_ entry: InboxEntry, _ look: inout Look) {
        look.isCut = true
        look.unreached.insert(entry.sender)
        if let known = board.known(entry) { look.waiting.append(known) }
    }

    private func take(
        _ offers: [InboxOffer], _ now: Duration, _ look: inout Look
    ) async throws {
        var left = mostTaken
        for offer in offers {
            guard left > 0 else {
                leaveWaiting(offer.file, &look)
                continue
            }
            if try await take(offer, evenIfNotWhole: false, now, &look) { left -= 1 }
        }
    }

    /// Brings the outbox up to date. Growing files are told of in every report, and to their senders
    /// once that lasts; not under names that are refused: one may be too long to put anything around.
    private func show(_ look: inout Look, _ now: Duration) throws {
        var shown = look.waiting
        for entry in look.growing {
            let growth = tracker.growth(of: entry, at: now)
            let waiting = WaitingFile(entry, growth.reason)
            look.waiting.append(waiting)
            if growth.isLong, NameRules.fault(in: entry.name) == nil { shown.append(waiting) }
        }
        look.unshown = try board.show(shown)
    }

    /// Takes a call by hand: its batch is dropped into the inbox as any file, and taken at once,
    /// since it was made whole. Gives its file id.
    func take(_ call: DroppedCall) async throws -> String {
        try call.drop(into: site.folder)
        // If we crash here the next run takes it from the inbox, and the same transfer is refused
        // until then.
        FailPoint.reach(.dropped)
        guard
            let entry = try scanner.scan().entries.first(where: {
                $0.name.text == call.name && $0.sender.isEmpty
            })
        else { throw InvariantViolation("the call was dropped into the inbox and is not there") }
        var look = Look()
        try await take(
            InboxOffer(file: entry, side: nil), evenIfNotWhole: true, .zero, &look)
        guard let taken = look.judged.first else {
            throw CommandFailure(
                .rowsOpen, "inbox/\(call.name) could not be taken; the next run does")
        }
        return taken
    }

    /// False when it was not even tried: it waits for the disk, for its sender's next day, or for a
    /// folder that it can be moved out of.
    @discardableResult
    private func take(
        _ offer: InboxOffer, evenIfNotWhole: Bool, _ now: Duration, _ look: inout Look
    ) async throws -> Bool {
        if let reason = try refusal(offer) ?? claims.hindrance(to: offer) {
            look.waiting.append(WaitingFile(offer.file, reason))
            return false
        }
        let fileID = try nextFileID()
        guard let pair = try copy(offer, fileID, now, &look) else {
            site.numbers.giveBack(fileID)
            return true
        }
        if !evenIfNotWhole, let reason = try reasonToWait(pair, offer) {
            try claims.abandon(pair.file)
            if let side = pair.side { try claims.abandon(side) }
            site.numbers.giveBack(fileID)
            look.waiting.append(WaitingFile(offer.file, reason))
            return true
        }
        try await claim(pair, fileID)
        days.count(offer.file.sender, bytes: offer.file.identity.size)
        guard let file = try site.journal.ledger.file(fileID) else {
            throw InvariantViolation("file \(fileID) was claimed and is not in the ledger")
        }
        try await judge.judge(file)
        look.judged.append(fileID)
        look.conflicts = try await responses.acknowledge()
        return true
    }

    /// Why a copied file stays its sender's: it is not whole, or its text does not fit on the disk.
    private func reasonToWait(_ pair: CopiedPair, _ offer: InboxOffer) throws -> String? {
        switch try judge.wholeness(pair, in: site.folder) {
        case .lacking(let missing):
            tracker.markNotWhole(offer)
            return missing
        case .whole(inflatedBytes: 0): return nil
        case .whole(inflatedBytes: let bytes):
            inflated[offer.file.place] = (offer.pair, bytes)
            // As it will be asked from now on: without the copy, which goes if it does not fit.
            return try refusal(offer, copied: pair.file.size + (pair.side?.size ?? 0))
        }
    }

    private func forgetInflated(except offers: [InboxOffer]) {
        guard !inflated.isEmpty else { return }
        let present = Set(offers.map(\.file.place))
        inflated = inflated.filter { present.contains($0.key) }
    }

    /// Why it must wait in the inbox although it has come to rest: the disk, or its sender's day.
    /// - Parameter copied: bytes of it that lie on the disk already.
    private func refusal(_ offer: InboxOffer, copied: Int64 = 0) throws -> String? {
        let sender = offer.file.sender
        let allowance = IntakeAllowance(
            keepFreeBytes: site.configuration.intake.keepFreeBytes,
            settings: site.configuration.sender(sender))
        let today = try days.today(
            sender, at: site.clock.unixSeconds(), site.journal.ledger)
        let known = inflated[offer.file.place].flatMap { $0.pair == offer.pair ? $0.bytes : nil }
        let free = DurableFiles.freeBytes(site.folder.files).map { min($0, .max - copied) + copied }
        return allowance.refusal(
            bytes: offer.file.identity.size + (offer.side?.identity.size ?? 0),
            inflated: known ?? 0, taken: today, free: free)
    }

    private func copy(
        _ offer: InboxOffer, _ fileID: String, _ now: Duration, _ look: inout Look
    ) throws -> CopiedPair? {
        guard let file = try copy(offer.file, as: fileID, now, &look) else { return nil }
        guard let sideEntry = offer.side else { return CopiedPair(file: file, side: nil) }
        let stored = ClaimRecord.sideStoredName(fileID)
        guard let side = try copy(sideEntry, as: stored, now, &look) else {
            try claims.abandon(file)
            return nil
        }
        return CopiedPair(file: file, side: side)
    }

    private func copy(
        _ entry: InboxEntry, as storedName: String, _ now: Duration, _ look: inout Look
    ) throws -> ClaimCandidate? {
        switch try claims.open(entry, storedAs: storedName) {
        case .copied(let candidate): return candidate
        case .growing:
            tracker.markGrowing(entry, at: now)
            look.growing.append(entry)
            return nil
        case .vanished: return nil
        }
    }

    /// Durable claim first, then the original goes.
    private func claim(_ pair: CopiedPair, _ fileID: String) async throws {
        let record = pair.file.record
        // As the log will have it, so that a later file of the name is counted with this one.
        let name = PersonalData.safe(record.name.shown)
        let sender = PersonalData.safe(record.sender)
        let claim = FileClaim(
            fileID: fileID, sender: sender, name: name,
            outputName: try site.journal.ledger.nextOutputName(name, sender: sender),
            sha256: record.sha256, bytes: Int(pair.file.size),
            sideSHA256: pair.side?.record.sha256,
            identity: ClaimRecord.identity(
                file: record.identity, side: pair.side?.record.identity))
        try await site.journal.record([claim.draft(site.journal.author)])
        // If we crash here the copy is the file: recovery takes the original out of the inbox.
        FailPoint.reach(.claimed)
        try finish(pair.file)
        if let side = pair.side { try finish(side) }
    }

    /// What cannot be moved away is remembered: the claim stands, and must stay the only one.
    private func finish(_ candidate: ClaimCandidate) throws {
        if case .left = try claims.finish(candidate) { leftOriginals.note(candidate.record) }
    }

    /// The ids it got: none for something that got its verdict before and could not be moved.
    private func setAside(_ entry: InboxEntry, _ reason: String) async throws -> [String] {
        if let fileID = try known(entry) {
            _ = try quarantine.move(entry, as: fileID)
            return []
        }
        let fileID = try nextFileID()
        // The name and the sender as the log will have them: an earlier verdict is found by both.
        let sender = PersonalData.safe(entry.sender)
        let outputName = try site.journal.ledger.nextOutputName(fileID, sender: sender)
        try await site.journal.record(
            .fileQuarantined, outcome: .failure, subject: ["file": .string(fileID)],
            data: [
                "verdict": "quarantined", "reason": .string(reason),
                "name": .string(PersonalData.safe(entry.name.shown)),
                "sender": .string(sender), "outputName": .string(outputName),
                "identity": .object(entry.identity.json),
            ])
        // If we crash here it still lies in the inbox, and recovery moves it under this id.
        _ = try quarantine.move(entry, as: fileID)
        return [fileID]
    }

    /// The id under which this very entry was set aside before.
    private func known(_ entry: InboxEntry) throws -> String? {
        let name = PersonalData.safe(entry.name.shown)
        let sender = PersonalData.safe(entry.sender)
        return try site.journal.ledger.quarantined(name: name, sender: sender)
            .first { file in
                file.wasSetAside
                    && FileIdentity(file.identity).map { entry.status.isStill($0) } == true
            }?.fileID
    }

    private func isOverdue(_ entry: InboxEntry, _ unchanged: Duration) -> Bool {
        let limit = Int64(site.configuration.intake.incompleteSeconds)
        let age = site.clock.unixSeconds() - entry.identity.changed / 1_000_000_000
        return unchanged >= .seconds(limit) || age >= limit
    }

    private func nextFileID() throws -> String {
        try site.numbers.next(at: site.clock.unixSeconds())
    }

    private static func claim(
        _ storedName: String, _ ledger: Ledger
    ) throws(SiteFault) -> ClaimRecord? {
        let fileID =
            storedName.hasSuffix(NameRules.sideSuffix)
            ? String(storedName.dropLast(NameRules.sideSuffix.count)) : storedName
        do {
            return try ledger.file(fileID)?.claimRecords.first { $0.storedName == storedName }
        } catch {
            throw SiteFault(.copyDamaged, "the ledger cannot be read: \(error)")
        }
    }
}

/// A copied file with its side file.
struct CopiedPair {
    let file: ClaimCandidate
    let side: ClaimCandidate?
}

extension StoredFile {
    /// Set aside where it lay, unread: only then may it still lie there. What was claimed before it was
    /// quarantined is gone from the inbox.
    var wasSetAside: Bool { verdict == .quarantined && sha256.isEmpty }

    /// The claims behind it, for recovery. What was posted has a copy and no original.
    var claimRecords: [ClaimRecord] {
        ClaimRecord.records(
            fileID: fileID, sender: sender, name: name, identity: identity, sha256: sha256,
            sideSHA256: sideSHA256)
    }
}
