import DurableFiles
import Locks
public import Logging
import SkyPay

extension Runner {
    /// Watches until `stop` is requested, then finishes what is in flight and closes the site.
    /// - Parameters:
    ///   - logger: told what stands in the way, once each time it begins.
    ///   - listener: takes posted callbacks, where the configuration asks for it.
    ///   - judged: told of every file and posted callback when it has its verdict.
    public func watch(
        stop: StopRequest, logger: Logger, listener: any CallbackListener,
        judged: @escaping @Sendable (FileReport) -> Void
    ) async throws -> RunReport {
        try await working {
            words.clear()
            // Held to the end: calls by hand see that somebody takes what they drop.
            let mark = try await markDaemon()
            defer { withExtendedLifetime(mark) {} }
            status.remove()
            defer { status.remove() }
            let recovered = try await intake.recover()
            try tell(recovered, judged)
            _ = try await provider.recovery.settleIntents()
            let watcher = InboxWatcher(
                inbox: site.folder.inbox, isWatched: surroundings.watchesInbox)
            let calls = SendingCalls()
            let standing = Locked(RunTally())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await self.intakeLoop(stop, watcher, calls, standing, logger, judged)
                }
                group.addTask {
                    try await self.sendingLoop(stop, watcher, calls, standing, logger)
                }
                group.addTask {
                    try await self.listen(listener, stop, calls, logger, judged)
                }
                group.addTask { try await self.outlookLoop(stop, logger) }
                group.addTask { try await self.checkLoop(stop, logger) }
                group.addTask { await Self.waitForStop(stop, watcher, calls) }
                // The first failure stops the others: a broken journal must not go on elsewhere.
                defer { stop.request() }
                try await group.waitForAll()
            }
            return try await finish(standing.withLock { $0 }, stopped: true)
        }
    }

    /// A call that looks whether there is a daemon holds this lock for a moment.
    private func markDaemon() async throws -> FolderLock {
        for _ in 0..<Self.markAttempts {
            if let mark = try FolderLock(path: site.folder.daemonLock) { return mark }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw SiteOpening.held(site.folder.root)
    }

    private static let markAttempts = 100

    private func intakeLoop(
        _ stop: StopRequest, _ watcher: InboxWatcher, _ sending: SendingCalls,
        _ standing: Locked<RunTally>, _ logger: Logger,
        _ judged: @Sendable (FileReport) -> Void
    ) async throws {
        let time = MonotonicTime()
        var told: [String] = []
        defer { stop.request() }
        while !stop.isRequested {
            let began = time.now
            let look = try await intake.look(at: began)
            standing.withLock { $0.replace(look) }
            try tell(look, judged)
            if !look.judged.isEmpty { sending.signal() }
            if words.isWaiting { sending.signalWord() }
            for problem in look.problems where !told.contains(problem) {
                logger.warning("\(problem)")
            }
            told = look.problems
            if look.isCut { continue }
            // News of a burst come with every file of it: half the time at least is left to others.
            if look.judged.isEmpty {
                try? await Task.sleep(for: min(time.now - began, Self.longestRest))
            }
            let pause = pause(look, time)
            _ = await watcher.waitForChange(atMost: pause, clock: ContinuousClock())
        }
    }

    /// Until the next file settles, a scan at the latest.
    private func pause(_ look: IntakeDesk.Look, _ time: MonotonicTime) -> Duration {
        let scan = Duration.seconds(site.configuration.intake.scanSeconds)
        guard let settled = look.nextSettlesAt else { return scan }
        return max(Self.shortestPause, min(scan, settled - time.now))
    }

    private static let longestRest = Duration.seconds(1)
    private static let shortestPause = Duration.milliseconds(5)

    private func sendingLoop(
        _ stop: StopRequest, _ watcher: InboxWatcher, _ calls: SendingCalls,
        _ standing: Locked<RunTally>, _ logger: Logger
    ) async throws {
        var told: [String] = []
        let policy = PayoutPolicy(site.configuration.skypay)
        var pause = SendingPause(policy)
        var asking = AskingPause(policy)
        var round = AskingRound.ofDaemon
        defer { stop.request() }
        while !stop.isRequested {
            calls.takeWords()
            try await answerResolutions()
            if pause.step(at: .now) == .probe {
                pause.noteProbe(isReachable: await isReachable(), at: .now)
            }
            if case .work(let lacking) = pause.step(at: .now) {
                let mayAsk = asking.remaining(at: site.clock.unixSeconds()) == 0
                if round.began == nil {
                    round.amounts = ReportedAmounts(client: provider.client, until: stop)
                }
                let turn = calls.round(until: stop)
                let outcome = try await sending.work(
                    until: stop, sendingUntil: turn, asking: mayAsk, in: round,
                    without: lacking, leavingOut: pause.actions(at: .now))
                if mayAsk { round.began = outcome.unfinished }
                asking.note(outcome, at: site.clock.unixSeconds())
                pause.note(outcome, at: .now)
                // Its sums would grow with every row.
                standing.withLock {
                    ($0.statuses, $0.problems) = (outcome.statuses, outcome.problems)
                }
                tell(outcome, &told, hasAsked: mayAsk, logger)
                // Responses are prepared by the intake loop alone: one owner of the outbox.
                watcher.wake()
                // The rest of a round that was cut, once words and new payouts have had their turn.
                if outcome.unfinished != nil, outcome.problems.isEmpty { continue }
                // As for what was to be sent: nobody signals it again.
                if turn.isRequested, !pause.isForEverything { continue }
            }
            if !stop.isRequested {
                let rest = try rest(pause, asking, policy)
                _ = await calls.wake.wait(atMost: rest, clock: ContinuousClock())
            }
        }
    }

    /// Logs what stands in the way, once each time it begins, and that nothing does any more.
    private func tell(
        _ outcome: SendingDesk.Outcome, _ told: inout [String], hasAsked: Bool, _ logger: Logger
    ) {
        for problem in outcome.problems where !told.contains(problem) {
            logger.warning("\(problem)")
        }
        if outcome.problems.isEmpty, hasAsked, !told.isEmpty { logger.notice("sending again") }
        // What stood in the way of asking still does while nothing is asked.
        let standing = hasAsked ? [] : told.filter { !outcome.problems.contains($0) }
        told = standing + outcome.problems
    }

    /// How long news are waited for: until a pause is over, a question is due, or what is no payout may
    /// be asked again; a minute at most.
    private func rest(
        _ pause: SendingPause, _ asking: AskingPause, _ policy: PayoutPolicy
    ) throws -> Duration {
        let longest = pause.remaining(at: .now) ?? .seconds(Self.probeSeconds)
        if pause.isForEverything { return longest }
        let due = try site.journal.ledger.nextQueryTime(policy: policy, unknownOnly: false)
        let now = site.clock.unixSeconds()
        var seconds =
            due.map { max(1, $0 - now, asking.remaining(at: now)) } ?? Self.probeSeconds
        if try site.journal.ledger.hasOpenRequests() {
            seconds = min(seconds, max(1, policy.repeatAfterSeconds))
        }
        return min(.seconds(seconds), longest)
    }

    /// Words of people are taken between two rounds: nothing is sent or asked meanwhile. A round gives
    /// way to them (`SendingCalls`).
    private func answerResolutions() async throws {
        try await words.answerAll { try await resolutions.resolve($0) }
    }

    private var words: ResolutionSpool { ResolutionSpool(folder: site.folder.resolutions) }

    /// A paused daemon asks for the balance before it sends anything again.
    private func isReachable() async -> Bool {
        if case .balance = await provider.client.balance() { true } else { false }
    }

    private static func waitForStop(
        _ stop: StopRequest, _ watcher: InboxWatcher, _ sending: SendingCalls
    ) async {
        while !stop.isRequested { try? await Task.sleep(for: .milliseconds(100)) }
        watcher.wake()
        sending.signal()
    }

    private func tell(
        _ look: IntakeDesk.Look, _ judged: @Sendable (FileReport) -> Void
    ) throws {
        for fileID in look.judged { try tell(fileID, judged) }
    }

    private func tell(_ fileID: String, _ judged: @Sendable (FileReport) -> Void) throws {
        let ledger = site.journal.ledger
        guard let file = try ledger.file(fileID) else { return }
        judged(FileReport(file, try ledger.reportTotals(of: file)))
    }

    /// Takes posted callbacks until the stop; what is in flight then is answered before this returns,
    /// and so before the journal closes.
    private func listen(
        _ listener: any CallbackListener, _ stop: StopRequest, _ sending: SendingCalls,
        _ logger: Logger, _ judged: @escaping @Sendable (FileReport) -> Void
    ) async throws {
        guard let settings = site.configuration.callbacks.listen else { return }
        defer { stop.request() }
        let door = CallbackDoor(
            site: site, judge: judge, responses: responses, stop: stop, logger: logger
        ) { fileID in
            try self.tell(fileID, judged)
            // A report asks for a query, and an order may have to wait for one.
            sending.signal()
        }
        try await listener.listen(at: settings, door: door, until: stop) { port in
            self.status.write(.listening(at: settings, port: port), logger)
        }
        if let failure = door.failure { throw failure }
    }

    /// Looks that nothing asks for come once a minute.
    static let probeSeconds: Int64 = 60
}
