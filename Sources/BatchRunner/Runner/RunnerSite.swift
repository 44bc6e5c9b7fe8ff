import AuditLog
import DurableFiles
import Glibc
import OrderedJSON
import SkyPay

/// Why a site cannot be opened.
public enum SiteOpening: Error, Sendable, CustomStringConvertible {
    /// Another process holds the lock.
    case held(String)

    /// What to do.
    public var description: String {
        switch self {
        case .held(let root):
            "another batchrunner works on \(root): wait for it, or ask it with "
                + "`batchrunner status`"
        }
    }
}

/// An open site: lock held, audit log open, ledger caught up. Everything that changes a site goes
/// through one of these, so there is one owner of every file in it.
final class RunnerSite: Sendable {
    let folder: SiteFolder
    let configuration: RunnerConfiguration
    let journal: Journal
    let store: FileStore
    let planner: Planner
    /// Gives out file ids.
    let numbers: FileNumbers
    let clock: any RunnerClock
    /// Tells this folder from a copy of it.
    let mark: SiteMark
    /// Turns payees into the parties of the log.
    let pseudonyms: PseudonymKey
    /// The audit log's root key, until people were told of it for certain; they keep it elsewhere.
    let untoldRootKey: String?

    private let lock: FolderLock

    /// Opens the site: lock → folders → mark → audit log (made when there is none) → ledger → replay
    /// → is it the site, and the account, it was? A crash anywhere in here is mended by opening again.
    /// - Parameter word: what the operator says of its place.
    static func open(
        _ folder: SiteFolder, _ configuration: RunnerConfiguration,
        clock: any RunnerClock = SystemRunnerClock(),
        logExecutor: (any SerialExecutor)? = nil, says word: PlaceWord? = nil
    ) async throws -> RunnerSite {
        try folder.prepare()
        guard let lock = try FolderLock(path: folder.lock) else {
            throw SiteOpening.held(folder.root)
        }
        let author = EventAuthor(actor: "batchrunner", origin: hostName())
        let mark = SiteMark(folder: folder.mark, clock: clock)
        let isNew = !AuditLog.exists(at: folder.audit)
        // Before the log is there: a log without a mark was put there by somebody else. A mark that is there
        // stays: the log's folder may be what is missing of a site that is being put back.
        if isNew, try mark.look() == .missing { try mark.renew(following: nil) }
        try makeLog(folder, configuration, clock)
        let log = try await openLog(folder, configuration, author, clock, logExecutor)
        let store = FileStore(site: folder)
        let planner = Planner(rules: PlanRules(configuration))
        let journal = Journal(
            log: log, ledger: try openLedger(folder), author: author,
            rows: AcceptedRows(planner: planner, store: store).source)
        try await journal.replay(folder.audit)
        let found = isNew ? nil : try mark.look(against: folder.audit)
        // Before the account may be refused: what a person says of a restoration is said once.
        try await RestorationDesk(
            journal: journal, audit: folder.audit, mark: mark, clock: clock
        ).settle(found, word, by: ResolveCommand.userName)
        do {
            try await AccountDesk(journal: journal).settle(
                SiteAccount(configuration), isSame: word == .sameAccount,
                by: ResolveCommand.userName)
        } catch let refusal as CommandFailure {
            try await journal.close()
            try journal.ledger.close()
            throw refusal
        }
        let pseudonyms = try PseudonymKey(keys: folder.keys)
        var configuration = configuration
        try await PasswordKeys(journal: journal, pseudonyms: pseudonyms)
            .settle(&configuration.skypay, at: clock.unixSeconds()) { [configuration] in
                try UnreadCallbacks(folder, configuration, journal.ledger).mayBeThere()
            }
        // Whoever made the log may have ended before a word of it: only a run that ended told it for
        // certain.
        let isTold = try journal.ledger.lastRun() != nil
        return RunnerSite(
            folder: folder, configuration: configuration, journal: journal, store: store,
            planner: planner, clock: clock, mark: mark, pseudonyms: pseudonyms,
            untoldRootKey: isTold ? nil : log.rootKey, lock: lock)
    }

    private init(
        folder: SiteFolder, configuration: RunnerConfiguration, journal: Journal,
        store: FileStore, planner: Planner, clock: any RunnerClock, mark: SiteMark,
        pseudonyms: PseudonymKey, untoldRootKey: String?, lock: FolderLock
    ) {
        self.folder = folder
        self.configuration = configuration
        self.journal = journal
        self.store = store
        self.planner = planner
        numbers = FileNumbers(journal.ledger)
        self.clock = clock
        self.mark = mark
        self.pseudonyms = pseudonyms
        self.untoldRootKey = untoldRootKey
        self.lock = lock
    }

    /// Who looks after the password key.
    var passwordKeys: PasswordKeys { PasswordKeys(journal: journal, pseudonyms: pseudonyms) }

    /// Tells people what they must know at a start: the root key of a log that is new to them. Before
    /// any work, so that a run that ended has told it.
    func announce(_ line: (String) -> Void) {
        guard let untoldRootKey else { return }
        line("The audit log is new. Keep its root key somewhere else; it proves the log:")
        line("  " + untoldRootKey)
    }

    /// Ends the log cleanly, and the ledger, so that nothing of SQLite's lies about; the lock goes
    /// with the last reference.
    func close() async throws {
        try await journal.close()
        let place = try journal.ledger.place()
        try journal.ledger.close()
        // What this process sent is in no backup that has the next mark. Where it cannot be made now
        // the next start makes it, before anything more is sent.
        try? mark.renew(following: place)
    }

    /// Opens the audit log for writing; refused behind its pin. The caller holds the site's lock.
    static func openLog(
        _ folder: SiteFolder, _ configuration: RunnerConfiguration, _ author: EventAuthor,
        _ clock: any RunnerClock, _ executor: (any SerialExecutor)? = nil
    ) async throws -> AuditLog {
        var options = OpenOptions(
            ownerOf: EventType.reservedPrefixes, actor: author.actor, origin: author.origin,
            sealBytes: Int64(configuration.audit.sealBytes),
            immutableSeals: configuration.audit.immutable)
        options.executor = executor
        return try await AuditLog.open(
            at: folder.audit, keys: folder.keys, options: options, clock: AuditTime(clock: clock))
    }

    private static func openLedger(_ folder: SiteFolder) throws -> Ledger {
        try Ledger(path: folder.ledger)
    }

    private static func makeLog(
        _ folder: SiteFolder, _ configuration: RunnerConfiguration, _ clock: any RunnerClock
    ) throws {
        guard !AuditLog.exists(at: folder.audit) else { return }
        _ = try AuditLog.create(
            at: folder.audit, keys: folder.keys,
            options: RunnerLog.options(
                origin: configuration.audit.origin, actor: "batchrunner", host: hostName()),
            clock: AuditTime(clock: clock))
    }

    static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown-host" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The runner's clock, as the audit log takes it.
struct AuditTime: AuditClock {
    let clock: any RunnerClock

    func now() -> (seconds: Int64, microseconds: Int32) { clock.now() }
}

extension PlanRules {
    /// The rules a configuration gives.
    init(_ configuration: RunnerConfiguration) {
        mode = configuration.mode.rawValue
        controlNumberPrefix = configuration.skypay.controlNumberPrefix
    }
}

extension PayoutPolicy {
    /// The policy a configuration gives.
    init(_ settings: SkyPaySettings) {
        // Here it counts from the intent; SkyPay counts from when it has the request, and refuses a call
        // of fifty for one number that is asked about too soon.
        let onTheWay =
            settings.url.owner == .loopback
            ? 0 : settings.connectTimeoutSeconds + settings.answerTimeoutSeconds
        queryAfterSeconds = Int64(settings.queryAfterSeconds + onTheWay)
        queryEverySeconds = Int64(settings.queryEverySeconds)
        resendAfterQuery = settings.resend == .afterQuery
        refuseOnInsufficientBalance = settings.onInsufficientBalance == .refuse
    }
}

extension SkyPayCredentials {
    /// The credentials a configuration gives.
    init(_ settings: SkyPaySettings) {
        self.init(
            callerName: settings.callerName, userName: settings.userName,
            authentication: settings.authentication.reveal(),
            passwordKey: settings.passwordKey.reveal(),
            previousPasswordKey: settings.previousPasswordKey?.reveal())
    }
}
