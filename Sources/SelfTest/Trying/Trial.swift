import Glibc

/// Kills the runner again and again in the middle of its work, then lets it settle everything. Owns
/// the processes; what it learns about lives goes into `count` and `findings`.
final class Trial {
    /// Milliseconds after the start in which a kill counts as one while it starts.
    private static let startMilliseconds = 250
    /// Without progress for so long the kill comes, whatever was planned.
    private static let quietSeconds = 1.5
    /// Batches a life is given at most so that its named moment comes.
    private static let mostMeals = 6
    /// A life is ended after so long in any case.
    private static let lifeSeconds = 30.0
    /// Lives without a kill after which something is wrong.
    private static let mostIdleLives = 200
    private static let tick = Duration.milliseconds(5)

    let programs: Programs
    let folders: TrialFolders
    let provider: ProviderProcess
    let dropper: Dropper
    let follower: LogFollower
    var outbox: OutboxWatch
    var count = KillCount()
    var findings: [Finding] = []
    private var plan: LifePlan
    private var faultSeeds: SeededNumbers
    private let isStopped: @Sendable () -> Bool

    init(
        _ programs: Programs, _ folders: TrialFolders, seed: UInt64,
        isStopped: @escaping @Sendable () -> Bool
    ) async throws(SelfTestError) {
        self.programs = programs
        self.folders = folders
        self.isStopped = isStopped
        let partner = TrialPartner(seed: seed)
        provider = ProviderProcess(programs, folders, partner)
        dropper = Dropper(folders, seed: seed)
        follower = LogFollower(folders.audit)
        outbox = OutboxWatch(folders.outbox)
        plan = LifePlan(seed: seed)
        faultSeeds = SeededNumbers(seed ^ 0xFA17)
        try folders.make()
        try await provider.start(faultSeed: faultSeeds.next())
        try TrialSite.prepare(folders, port: provider.port, partner)
    }

    /// Kills it so often.
    func kill(
        times: Int, progress: (_ kills: Int, _ files: Int) -> Void
    ) async throws(SelfTestError) {
        var idle = 0
        while count.all < times {
            let before = count.all
            try await live(plan.next())
            outbox.look()
            idle = count.all == before ? idle + 1 : 0
            guard idle < Self.mostIdleLives else {
                throw SelfTestError("the runner ends before it can be killed; see \(folders.logs)")
            }
            progress(count.all, dropper.dropped.count)
        }
    }

    /// Throws when the person at the terminal wants an end.
    func checkStop() throws(SelfTestError) {
        if isStopped() { throw SelfTestError("stopped before the end: nothing was proved") }
    }

    // MARK: A life

    private func live(_ life: Life) async throws(SelfTestError) {
        try await prepareProvider(life.provider)
        for _ in 0..<life.batchesBefore { try dropper.dropBatch() }
        let runner = try start(life)
        defer { runner.killNow() }
        let rival = life.hasRival ? try startRival() : nil
        defer { rival?.killNow() }
        for _ in 0..<life.batchesMeanwhile { try dropper.dropBatch() }
        if try await !wasKilled(runner, life.end) { note(life, runner) }
        if let rival, !rival.isRunning { noteRival(rival.ended) }
        rival?.killNow()
        // A second piece comes in any case: whole files are what is counted.
        while dropper.hasUnfinished {
            try dropper.work()
            try? await Task.sleep(for: Self.tick)
        }
    }

    private func prepareProvider(_ change: Life.Provider) async throws(SelfTestError) {
        switch change {
        case .stays:
            if !provider.isRunning { try await provider.start(faultSeed: faultSeeds.next()) }
        case .restarts(let isKilled):
            await provider.stop(isKilled: isKilled)
            try await provider.start(faultSeed: faultSeeds.next())
        case .isAway:
            await provider.stop(isKilled: true)
            count.providerAway += 1
        }
        count.providerKills = provider.kills
    }

    private func start(_ life: Life) throws(SelfTestError) -> ChildProcess {
        var more: [String: String] = [:]
        if case .point(let name, let times) = life.end {
            count.planned[name, default: 0] += 1
            more["BATCHRUNNER_FAIL_POINT"] = "\(name):\(times)"
        }
        return try programs.start(
            programs.batchrunner, [life.command.rawValue, "--root", folders.site],
            log: folders.logs + "/runner.txt", more: more)
    }

    private func startRival() throws(SelfTestError) -> ChildProcess {
        count.rivals += 1
        return try programs.start(
            programs.batchrunner, ["run", "--root", folders.site],
            log: folders.logs + "/rival.txt")
    }

    /// Waits until it has ended, and kills it when that is due.
    /// - Returns: false when it ended by itself, at its named moment included.
    private func wasKilled(
        _ runner: ChildProcess, _ end: Life.End
    ) async throws(SelfTestError) -> Bool {
        let started = ContinuousClock.now
        let begin = follower.length
        var length = begin
        var moved = started
        var meals = 0
        while runner.isRunning {
            try checkStop()
            try dropper.work()
            let now = ContinuousClock.now
            let present = follower.length
            if present != length { (length, moved) = (present, now) }
            let isDue =
                switch end {
                case .point, .quiet: false
                case .milliseconds(let number): now - started >= .milliseconds(number)
                case .growth(let bytes): present - begin >= Int64(bytes)
                }
            // The first sign of life may take long on a busy machine.
            let isQuiet = length != begin && now - moved >= .seconds(Self.quietSeconds)
            if isQuiet, case .point = end, meals < Self.mostMeals {
                // Its moment has not come: there was too little to do.
                meals += 1
                moved = now
                try dropper.dropBatch()
                continue
            }
            if isDue || isQuiet || now - started >= .seconds(Self.lifeSeconds) {
                let isStarting = now - started < .milliseconds(Self.startMilliseconds)
                guard runner.isRunning else { break }
                runner.killNow()
                if isStarting { count.whileStarting += 1 } else { count.atMoments += 1 }
                return true
            }
            try? await Task.sleep(for: Self.tick)
        }
        return false
    }

    /// How it ended by itself: killed at its named moment, finished, or in a way that must not be.
    private func note(_ life: Life, _ runner: ChildProcess) {
        let ended = runner.ended.map { "\($0)" } ?? "nothing"
        switch (runner.ended, life.end) {
        case (.signal(SIGKILL)?, .point(let name, _)): count.atPoints[name, default: 0] += 1
        case (.exit(let code)?, _) where Self.ordinary.contains(code): count.finished += 1
        // The second instance was there first.
        case (.exit(75)?, _) where life.hasRival: count.rivalsTurnedAway += 1
        default:
            findings.append(
                Finding(
                    harm: .broken, invariant: "I12",
                    text: "\(life.command.rawValue) ended with \(ended): "
                        + Self.lastLine(folders.logs + "/runner.txt")))
        }
    }

    /// How a second instance ended by itself: turned away, or in its turn as any other.
    private func noteRival(_ ended: ChildProcess.Ended?) {
        if ended == .exit(75) { count.rivalsTurnedAway += 1 }
        guard let ended, let finding = Self.finding(ofRival: ended) else { return }
        findings.append(
            Finding(
                harm: finding.harm, invariant: finding.invariant,
                text: finding.text + ": " + Self.lastLine(folders.logs + "/rival.txt")))
    }

    /// What is wrong with how a second instance ended; nil when nothing is.
    static func finding(ofRival ended: ChildProcess.Ended) -> Finding? {
        if case .exit(let code) = ended, code == 75 || ordinary.contains(code) { return nil }
        return Finding(
            harm: .broken, invariant: "I12", text: "a second instance ended with \(ended)")
    }

    /// What a run with faults may end with: 70 is an invariant that broke, 64 a mistake of ours.
    static let ordinary: Set<Int32> = [0, 10, 20, 30, 40, 50]

    /// The last thing a program said.
    static func lastLine(_ path: String) -> String {
        let lines = (Listing.bytes(path) ?? []).split(separator: 0x0A)
        return lines.last.map { String(decoding: $0, as: UTF8.self) } ?? "it said nothing"
    }
}
