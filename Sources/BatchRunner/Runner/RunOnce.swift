import SkyPay

extension Runner {
    /// Does all there is and closes the site (product.md, `run`): waits out the settle time of what
    /// is present, judges, sends, asks once, answers.
    /// - Parameters:
    ///   - waitUnknown: stay until no row is unknown and every question is answered.
    ///   - selfCheck: compare the ledger with the audit log first, and do nothing if it differs.
    ///   - stop: finish what is in flight and leave the rest.
    ///   - progress: told now and then, for people.
    public func runOnce(
        waitUnknown: Bool, selfCheck: Bool = false, stop: StopRequest,
        progress: @escaping @Sendable (String) -> Void
    ) async throws -> RunReport {
        try await working {
            var tally = RunTally()
            if selfCheck, !(try await checkFirst(stop, progress)) {
                if stop.isRequested { tally.noteUnlooked() }
                return try await finish(tally, stopped: stop.isRequested)
            }
            tally.add(try await intake.recover())
            _ = try await provider.recovery.settleIntents()
            try await takeIn(&tally, stop, progress)
            progress("\(tally.judged.count) files judged; sending")
            let began = site.clock.unixSeconds()
            let balance = try await openingBalance()
            let first = try await sending.work(until: stop)
            tally.add(first)
            tally.conflicts = try await responses.settle()
            if waitUnknown { try await waitForUnknown(&tally, first, stop, progress) }
            if let balance, !stop.isRequested {
                tally.balance = try await closingBalance(balance, began, tally)
            }
            return try await finish(tally, stopped: stop.isRequested)
        }
    }

    /// SkyPay's balance before anything is sent; nil when no payout waits, or it is not told.
    private func openingBalance() async throws -> Amount? {
        guard try await provider.dispatcher.hasWork() else { return nil }
        return await balance()
    }

    /// The balance after the last payout beside the one before; nil when nothing was taken, or it is
    /// not told.
    private func closingBalance(
        _ before: Amount, _ began: Int64, _ tally: RunTally
    ) async throws -> RunBalance? {
        guard tally.money != SentMoney(), !tally.isUnavailable,
            let after = await balance()
        else { return nil }
        return RunBalance(
            before: before, after: after, money: tally.money,
            inDoubt: try site.journal.ledger.amountInDoubt(sentSince: began))
    }

    private func balance() async -> Amount? {
        guard case .balance(let text) = await provider.client.balance() else { return nil }
        return Amount(balance: text)
    }

    /// False when nothing more may be done.
    private func checkFirst(
        _ stop: StopRequest, _ progress: @Sendable (String) -> Void
    ) async throws -> Bool {
        progress("comparing the ledger with the audit log")
        do {
            return try await selfCheck.perform(.run, until: stop) == nil
        } catch is CancellationError {
            return false
        }
    }

    /// Looks until everything that was there at the start has settled and been judged, and nothing
    /// more is ready.
    private func takeIn(
        _ tally: inout RunTally, _ stop: StopRequest, _ progress: @Sendable (String) -> Void
    ) async throws {
        let time = MonotonicTime()
        var look = try await intake.look(at: time.now)
        tally.add(look)
        let deadline = tally.settlesAt ?? time.now
        while !stop.isRequested, !tally.growing.isEmpty, time.now <= deadline {
            progress("waiting for \(tally.growing.count) files to settle")
            try await Task.sleep(
                for: min(.milliseconds(200), max(deadline - time.now, .zero)) + .milliseconds(1))
            look = try await intake.look(at: time.now)
            tally.add(look)
        }
        while !stop.isRequested {
            look = try await intake.look(at: time.now)
            tally.add(look)
            if look.judged.isEmpty, !look.isCut { return }
        }
        if look.isCut || !look.growing.isEmpty { tally.noteUnlooked() }
    }

    private func waitForUnknown(
        _ tally: inout RunTally, _ first: SendingDesk.Outcome, _ stop: StopRequest,
        _ progress: @Sendable (String) -> Void
    ) async throws {
        let ledger = site.journal.ledger
        let policy = PayoutPolicy(site.configuration.skypay)
        var asking = AskingPause(policy)
        asking.note(first, at: site.clock.unixSeconds())
        var pause = SendingPause(policy)
        pause.note(first, at: .now)
        while !stop.isRequested {
            let payouts = try ledger.totals()[PayoutState.unknown.rawValue]?.rows ?? 0
            let requests =
                try (ledger.requestTotals()[RequestState.unknown.rawValue]?.rows ?? 0)
                + ledger.waitingStatusEnquiries()
            let unknown = payouts + requests
            if unknown == 0 { return }
            let due = try ledger.nextQueryTime(policy: policy, unknownOnly: true)
            let wait = asking.wait(
                until: due, at: site.clock.unixSeconds(), isForRequests: requests > 0)
            progress("\(unknown) rows unknown; asking again in \(wait) s")
            try await sleep(seconds: wait, until: stop)
            let outcome = try await sending.work(
                until: stop, asking: asking.remaining(at: site.clock.unixSeconds()) == 0,
                without: pause.families(at: .now), leavingOut: pause.actions(at: .now))
            asking.note(outcome, at: site.clock.unixSeconds())
            pause.note(outcome, at: .now)
            tally.replace(outcome)
            tally.conflicts = try await responses.settle()
            if tally.isUnavailable { return }
        }
    }

    /// Sleeps in small steps, so that a stop is heard.
    private func sleep(seconds: Int64, until stop: StopRequest) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end, !stop.isRequested {
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}

/// What a run gathers on its way.
struct RunTally: Sendable {
    var judged: [String] = []
    var waiting: [WaitingFile] = []
    var growing: [InboxEntry] = []
    var conflicts: [OutboxConflict] = []
    /// Senders' folders that the last look could not read, or not to their end, in words with the remedy.
    var unseen: [String] = []
    /// Why the outbox did not show what waits.
    var unshown: [String] = []
    var settlesAt: Duration?
    var statuses: [ExitStatus] = []
    /// Nothing could be sent.
    var isUnavailable = false
    var problems: [String] = []
    var sent = 0
    var money = SentMoney()
    var balance: RunBalance?

    mutating func add(_ look: IntakeDesk.Look) {
        judged += look.judged
        waiting = look.waiting
        growing = look.growing
        conflicts = look.conflicts
        settlesAt = look.settlesAt
        unseen = look.unseenProblems
        unshown += look.unshown.filter { !unshown.contains($0) }
    }

    mutating func add(_ outcome: SendingDesk.Outcome) {
        sent += outcome.sent
        money = money + outcome.money
        statuses += outcome.statuses
        isUnavailable = isUnavailable || outcome.isUnavailable
        problems += outcome.problems.filter { !problems.contains($0) }
    }

    /// A stop came before every file was looked at: that all is done cannot be said.
    mutating func noteUnlooked() {
        statuses.append(.rowsOpen)
        problems.append("stopped before every file in the inbox was looked at: run again")
    }

    /// How things stand where one looks again and again: what was judged is told elsewhere.
    mutating func replace(_ look: IntakeDesk.Look) {
        waiting = look.waiting
        conflicts = look.conflicts
        unseen = look.unseenProblems
        unshown = look.unshown
    }

    /// A later round says how things stand now.
    mutating func replace(_ outcome: SendingDesk.Outcome) {
        statuses = []
        isUnavailable = false
        problems = []
        add(outcome)
    }
}
