import DurableFiles
import Glibc

/// The partner the sandbox knows, invented for one self-test.
struct TrialPartner: Sendable {
    let callerName = "selftest"
    let userName = "SelfTest@skypay"
    let authentication: String
    let passwordKey: String

    init(seed: UInt64) {
        var numbers = SeededNumbers(seed ^ 0x5E1F_7E57)
        authentication = "SELFTEST-\(numbers.below(1_000_000_000))-\(numbers.below(1_000_000_000))"
        passwordKey = "KEY" + String(numbers.next() | 1 << 60, radix: 16, uppercase: true)
    }
}

/// SkyPay's sandbox as a process of its own, with its ledger on disk.
final class ProviderProcess {
    /// Answers, reports and requests of a hundred that go wrong while faults are on.
    static let faultPercent = 15
    /// How long what is late is late: longer than the runner waits for an answer.
    static let delaySeconds = 3
    /// How long a payout waits at a store: so long it can be cancelled or amended.
    static let pickUpSeconds = 10
    /// How long it may take to listen.
    private static let startSeconds = 60.0
    /// How long it may take to stop when asked.
    private static let stopSeconds = 5.0

    private let programs: Programs
    private let folders: TrialFolders
    private let partner: TrialPartner
    private var child: ChildProcess?
    private(set) var port = 0
    /// Times it was killed, and times it was away for a life.
    private(set) var kills = 0

    init(_ programs: Programs, _ folders: TrialFolders, _ partner: TrialPartner) {
        self.programs = programs
        self.folders = folders
        self.partner = partner
    }

    var isRunning: Bool { child?.isRunning ?? false }

    /// Starts it at the port it had; with faults of this seed, or without any.
    func start(faultSeed: UInt64?) async throws(SelfTestError) {
        let ready = folders.root + "/port"
        unlink(ready)
        var words = [
            "serve", "--port", String(port), "--ready-file", ready, "--state", folders.provider,
            "--caller-name", partner.callerName, "--user-name", partner.userName,
            "--authentication", partner.authentication, "--password-key", partner.passwordKey,
            "--control-number-prefix", BatchMaker.prefix, "--balance", "1000000000.00",
            "--settle-seconds", "1", "--pick-up-seconds", String(Self.pickUpSeconds),
            "--fail-control", "[37]$", "--fail-cancel", "2$", "--fail-amend", "4$",
            "--callback-folder", folders.callbacks,
        ]
        if let faultSeed {
            words += Self.faults(faultSeed)
        }
        let child = try programs.start(
            programs.sandbox, words, log: folders.logs + "/provider.txt")
        self.child = child
        port = try await listeningPort(child, ready)
        unlink(ready)
    }

    private static func faults(_ seed: UInt64) -> [String] {
        var numbers = SeededNumbers(seed)
        // Refused for good; not processed, and perhaps our fault; used by somebody before.
        let rules = ["-1022", "-1000", "-1008"].flatMap { code in
            ["--fault", "payoutQueue:code:\(code):1:nth=\(3 + numbers.below(30))"]
        }
        return rules + [
            "--fault-seed", String(seed), "--fault-percent", String(faultPercent),
            "--fault-delay-seconds", String(delaySeconds),
        ]
    }

    private func listeningPort(
        _ child: ChildProcess, _ ready: String
    ) async throws(SelfTestError) -> Int {
        let deadline = ContinuousClock.now + .seconds(Self.startSeconds)
        while child.isRunning, ContinuousClock.now < deadline {
            let text = (try? DurableFiles.read(ready)).map { String(decoding: $0, as: UTF8.self) }
            if let port = text?.split(separator: "\n").first.flatMap({ Int($0) }) { return port }
            try? await Task.sleep(for: .milliseconds(10))
        }
        throw SelfTestError(
            "skypay-sandbox does not listen; its words are in \(folders.logs)/provider.txt")
    }

    /// Ends it: at once, or when it has finished.
    func stop(isKilled: Bool) async {
        guard let child else { return }
        if isKilled {
            kills += 1
            child.killNow()
        } else {
            child.send(SIGTERM)
            _ = await child.end(within: Self.stopSeconds)
        }
        self.child = nil
    }
}
