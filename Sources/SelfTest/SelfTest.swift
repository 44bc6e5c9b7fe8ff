import DurableFiles
public import OrderedJSON

/// What is to be tried.
public struct SelfTestOptions: Sendable {
    /// The folder; nil makes one in the current folder, so on the same file system.
    public var folder: String?
    /// How often the runner is killed, 1 to 100,000.
    public var kills: Int
    /// What everything random is drawn from.
    public var seed: UInt64
    /// Whether the site stays when all is well.
    public var keepsSite: Bool
    /// The environment of this process: PATH finds the programs, nothing of it configures them.
    public var environment: [String: String]
    /// The version told on the page.
    public var version: String

    /// Kills unless told otherwise.
    public static let defaultKills = 40

    /// What to try; `environment` is this process's, `version` this program's.
    public init(
        folder: String? = nil, kills: Int = defaultKills, seed: UInt64, keepsSite: Bool = false,
        environment: [String: String], version: String
    ) {
        self.folder = folder
        self.kills = kills
        self.seed = seed
        self.keepsSite = keepsSite
        self.environment = environment
        self.version = version
    }
}

/// How a self-test came out.
public struct SelfTestReport: Sendable {
    /// True when nothing was sent twice, lost or reported wrongly, no other promise was broken, and enough
    /// was tried to say so.
    public let isPassed: Bool
    /// True when nothing is wrong, and too little was tried: nothing was proved then.
    public let isIncomplete: Bool
    /// The page, for people.
    public let page: String
    /// The same, for programs.
    public let json: JSONValue
    /// Where the page is, as `verdict.txt` and `verdict.json`.
    public let folder: String
}

/// The published suite of crashes and faults, on the machine and the file system it is run on.
public struct SelfTest: Sendable {
    private let options: SelfTestOptions

    /// A self-test that is carried out by `run`.
    public init(_ options: SelfTestOptions) { self.options = options }

    /// Carries it out.
    /// - Parameters:
    ///   - progress: told in a few words how far it is, often.
    ///   - isStopped: asked often; once true, everything that was started is ended.
    /// - Throws: `SelfTestError` when it could not be carried out to its end: nothing was proved then.
    public func run(
        progress: @Sendable (String) -> Void, isStopped: @escaping @Sendable () -> Bool
    ) async throws -> SelfTestReport {
        do {
            return try await carryOut(progress: progress, isStopped: isStopped)
        } catch let error as FileError {
            throw SelfTestError("\(error)")
        }
    }

    private func carryOut(
        progress: @Sendable (String) -> Void, isStopped: @escaping @Sendable () -> Bool
    ) async throws -> SelfTestReport {
        let started = ContinuousClock.now
        let programs = try Programs(environment: options.environment)
        let folders = TrialFolders(root: try TrialFolder.make(options.folder))
        var verdict = Verdict(
            version: options.version, folder: folders.root, seed: options.seed,
            startedAt: WallClock.text())
        verdict.fileSystem = try FileSystemProbe(folder: folders.root).facts()
        if let missing = verdict.fileSystem?.missing.first {
            throw SelfTestError(
                "\(folders.root): no site can work here, for want of \(missing.name): "
                    + missing.remark)
        }
        let freeBytes = verdict.fileSystem?.freeBytes ?? 0
        guard freeBytes >= Self.leastFreeBytes else {
            throw SelfTestError(
                "\(folders.root): \(freeBytes >> 20) MiB are free, and a site takes no files below its "
                    + "reserve; make room for \(Self.leastFreeBytes >> 20) MiB, or give another --folder"
            )
        }
        let steadiness = Steadiness()
        let trial = try await Trial(
            programs, folders, seed: options.seed, isStopped: isStopped)
        let kills = options.kills
        try await trial.kill(times: kills) { done, files in
            progress("kill \(done) of \(kills), \(files) files dropped")
        }
        try await trial.settle { open in progress("faults off; \(open) rows are open") }
        progress("proving")
        verdict.aftermath = try await trial.conclude()
        try trial.keepEvidence()
        let record = TrialRecord(
            findings: trial.findings, hasSteadyClock: steadiness.isSteady)
        try record.write(folders)
        let judgement = try Self.judge(folders, record)
        verdict.count = trial.count
        verdict.findings = judgement.findings
        verdict.figures = judgement.figures
        verdict.hasSteadyClock = record.hasSteadyClock
        verdict.seconds = Int((ContinuousClock.now - started).components.seconds)
        return try finish(verdict, folders)
    }

    /// Room that has to be there: a site's reserve (`intake.keepFreeBytes`), and what a trial writes.
    static let leastFreeBytes: UInt64 = 512 << 20

    /// By the evidence in a folder, and what the trial itself saw.
    private static func judge(
        _ folders: TrialFolders, _ record: TrialRecord
    ) throws(SelfTestError) -> Judgement {
        var evidence = try Evidence(folders)
        evidence.hasSteadyClock = record.hasSteadyClock
        var judgement = Judgement(evidence)
        judgement.findings += record.findings
        return judgement
    }

    private func finish(
        _ verdict: Verdict, _ folders: TrialFolders
    ) throws -> SelfTestReport {
        let report = SelfTestReport(
            isPassed: verdict.isPassed,
            isIncomplete: verdict.findings.isEmpty && !verdict.isPassed, page: verdict.page,
            json: verdict.json,
            folder: folders.root)
        try DurableFiles.replace(folders.page, Array(report.page.utf8))
        try DurableFiles.replace(folders.document, Array(report.json.prettyText().utf8))
        if verdict.isPassed, !options.keepsSite { folders.removeTraces() }
        return report
    }

    /// Judges the folder of an earlier self-test once more, from its evidence alone: nothing is run
    /// and nothing is written.
    /// - Throws: `SelfTestError` when the evidence is not there.
    public static func judgeAgain(_ folder: String) throws -> SelfTestSecondOpinion {
        let folders = TrialFolders(root: folder)
        let record = try TrialRecord(folders)
        let judgement = try judge(folders, record)
        return SelfTestSecondOpinion(
            wrong: judgement.findings.map(\.line),
            untried: judgement.figures.untried + Verdict.unjudged(record.hasSteadyClock))
    }
}

/// What the evidence of an earlier self-test shows.
public struct SelfTestSecondOpinion: Sendable {
    /// A line for each thing that is wrong; none when all is well.
    public let wrong: [String]
    /// A line for each thing that hardly happened: nothing is proved then.
    public let untried: [String]
}
