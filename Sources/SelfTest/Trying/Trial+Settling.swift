import DurableFiles
import Glibc
import OrderedJSON

/// What was found after the kills, by other programs than the judge.
struct Aftermath: Sendable, Equatable {
    /// `auditlog verify` found the log whole.
    var isLogWhole = false
    /// `batchrunner rebuild` made the same ledger from the log.
    var isLedgerTheLogs = false
    /// A further run sent nothing, changed nothing and told the same.
    var isRepeatable = false
}

extension Trial {
    /// How long a program may take that only has to end.
    private static let endSeconds = 300.0
    /// Between two looks at the log.
    private static let look = Duration.milliseconds(150)

    /// Faults off: everything comes to its end, or a finding says what does not.
    func settle(progress: (_ open: Int) -> Void) async throws(SelfTestError) {
        await provider.stop(isKilled: false)
        try await provider.start(faultSeed: nil)
        let daemon = try programs.start(
            programs.batchrunner, ["daemon", "--root", folders.site],
            log: folders.logs + "/runner.txt")
        defer { daemon.killNow() }
        var patience = Patience(at: .now)
        while try !isSettled() {
            try checkStop()
            guard daemon.isRunning else {
                note("I12", "the last daemon ended: \(Self.lastLine(folders.logs + "/runner.txt"))")
                return
            }
            if let end = patience.end(follower.news, at: .now) {
                note("I13", "\(end), and \(follower.story.open) rows are open")
                break
            }
            progress(follower.story.open)
            try? await Task.sleep(for: Self.look)
        }
        outbox.look()
        daemon.send(SIGTERM)
        let ended = await daemon.end(within: Self.endSeconds)
        guard case .exit(let code)? = ended, Self.ordinary.contains(code) else {
            note(
                "I12", "the last daemon did not stop in order: \(ended.map { "\($0)" } ?? "killed")"
            )
            return
        }
    }

    private func isSettled() throws(SelfTestError) -> Bool {
        try dropper.work()
        try follower.read()
        guard !dropper.hasMore, follower.story.isSettled(dropper.dropped) else { return false }
        // What is late has to come too: nobody is told that it was applied.
        let books = try ProviderBooks(lines: Listing.bytes(folders.providerLedger) ?? [])
        return books.waiting.isEmpty && !books.payouts.values.contains { $0.standing == .open }
            && Dropper.reports(folders.callbacks).isEmpty && !isProvable(books)
    }

    /// A held order or transfer was carried out, and the next question will show it. (An amendment
    /// shows in no question: docs/decisions/0019-transfers-and-amendments.md.)
    private func isProvable(_ books: ProviderBooks) -> Bool {
        let truth = RequestTruth(books)
        return follower.story.requests.values.contains { request in
            request.standing == "held" && request.action != "amendTransactionV2"
                && truth.isDone(request.action, request.name)
        }
    }

    private func note(_ invariant: String, _ text: String) {
        findings.append(Finding(harm: .broken, invariant: invariant, text: text))
    }

    // MARK: Afterwards

    /// Runs twice more, and has the log and the ledger proved by the programs made for it.
    func conclude() async throws(SelfTestError) -> Aftermath {
        var aftermath = Aftermath()
        aftermath.isRepeatable = try await isRepeatable()
        if !aftermath.isRepeatable { note("I12", "a further run did something, or told otherwise") }
        let log = folders.logs + "/proof.txt"
        aftermath.isLogWhole =
            try await code(programs.auditlog, ["verify", "--log", folders.audit], log) == 0
        if !aftermath.isLogWhole { note("log", "auditlog verify: \(Self.lastLine(log))") }
        aftermath.isLedgerTheLogs =
            try await code(programs.batchrunner, ["rebuild", "--root", folders.site], log) == 0
        if !aftermath.isLedgerTheLogs { note("I10", "batchrunner rebuild: \(Self.lastLine(log))") }
        await provider.stop(isKilled: false)
        return aftermath
    }

    /// Neither of two further runs sends anything; the second changes nothing either.
    private func isRepeatable() async throws(SelfTestError) -> Bool {
        let log = folders.logs + "/runner.txt"
        let sent = try requests()
        let first = try await code(programs.batchrunner, ["run", "--root", folders.site], log)
        outbox.look()
        let told = outbox.firstSeen
        let second = try await code(programs.batchrunner, ["run", "--root", folders.site], log)
        outbox.look()
        let sentSince = try requests() - sent
        return first == second && Self.ordinary.contains(first ?? -1) && sentSince == 0
            && outbox.firstSeen == told
    }

    private func requests() throws(SelfTestError) -> Int {
        let books = try ProviderBooks(lines: Listing.bytes(folders.providerLedger) ?? [])
        return books.payouts.values.reduce(books.orders.count) { $0 + $1.requests.count }
    }

    private func code(
        _ program: String, _ arguments: [String], _ log: String
    ) async throws(SelfTestError) -> Int32? {
        let child = try programs.start(program, arguments, log: log)
        guard case .exit(let code)? = await child.end(within: Self.endSeconds) else { return nil }
        return code
    }

    // MARK: Evidence

    /// Writes down what only this process knows, so that the folder can be judged again.
    func keepEvidence() throws(SelfTestError) {
        var lines: [UInt8] = []
        for file in dropper.dropped { lines += file.json.bytes() + [0x0A] }
        let seen = outbox.firstSeen.sorted { $0.key < $1.key }
        let members = seen.map { ($0.key, JSONValue.string($0.value)) }
        do {
            try DurableFiles.replace(folders.dropped, lines)
            try DurableFiles.replace(folders.firstSeen, JSONObject(members).bytes())
        } catch {
            throw SelfTestError("\(error)")
        }
    }
}
