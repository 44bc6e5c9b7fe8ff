import DurableFiles
import Glibc
import SkyPay

/// `batchrunner resolve`: a person settles a held payout, order, transfer or question. Works on the site
/// itself, or, where a daemon holds it, hands the word to the daemon and waits for its answer.
public struct ResolveCommand: Sendable {
    let resolution: Resolution

    /// How long the daemon's answer is waited for beyond the time-outs of its question, in seconds.
    static let answerMarginSeconds: Int64 = 120
    /// Time between two looks for the answer, in milliseconds.
    static let lookMilliseconds = 100

    /// - Parameters:
    ///   - what: a control number, or FILE-ID/ROW of what is no payout.
    ///   - word: what became of it.
    ///   - reason: the evidence; it stands in the audit log and in the correction.
    ///   - by: who says so.
    /// - Throws: `CommandFailure` (usage) for another word, an empty or overlong reason or name.
    public init(
        what: String, as word: String, reason: String, by: String
    ) throws(CommandFailure) {
        func text(_ value: String, _ name: String, limit: Int) throws(CommandFailure) -> String {
            let trimmed = value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            // One character may be made of any number of code points.
            guard !trimmed.isEmpty, trimmed.unicodeScalars.count <= limit else {
                throw CommandFailure(.usage, "\(name) takes 1 to \(limit) characters")
            }
            // The log would judge it as JSON: a message of SkyPay's that was pasted holds secrets.
            guard !PersonalData.mayBeJSON(trimmed) else {
                throw CommandFailure(
                    .usage, "\(name) takes words: begin with what you saw, and leave messages out")
            }
            return PersonalData.freeText(trimmed)
        }
        guard let settled = Resolution.Word(what, as: word) else {
            let words = Resolution.Word.words(for: what).joined(separator: ", ")
            throw CommandFailure(.usage, "--as takes one of \(words) for \(what)")
        }
        resolution = Resolution(
            word: settled,
            reason: try text(reason, "--reason", limit: Resolution.maxReasonCharacters),
            by: try text(by, "--by", limit: Resolution.maxNameCharacters))
    }

    /// The user this process acts as, by the system's list; its number where there is no name.
    public static var userName: String { name(of: geteuid()) }

    /// A user, by the system's list; the number where there is no name.
    static func name(of user: uid_t) -> String {
        guard let entry = getpwuid(user), let name = entry.pointee.pw_name else {
            return "uid \(user)"
        }
        return String(cString: name)
    }

    /// Settles it.
    /// - Parameter announce: told what people must know, such as a new root key.
    /// - Throws: `CommandFailure` with the exit code that fits.
    public func perform(
        root: String, environment: [String: String], stop: StopRequest,
        announce: (String) -> Void
    ) async throws -> ResolutionReport {
        do {
            let runner = try await Runner.open(root: root, environment: environment)
            runner.announce(announce)
            return try await runner.resolve(resolution)
        } catch let failure as CommandFailure {
            guard failure.status == .siteHeld else { throw failure }
            let folder = SiteFolder(root: root)
            guard try CommandFailure.wrapping({ try CallHandover.isDaemon(folder) }) else {
                throw failure
            }
        }
        do {
            return try await handOver(root: root, environment: environment, stop: stop)
        } catch {
            throw CommandFailure(error)
        }
    }

    private func handOver(
        root: String, environment: [String: String], stop: StopRequest
    ) async throws -> ResolutionReport {
        let folder = SiteFolder(root: root)
        let settings = try RunnerConfiguration.load(site: folder, environment: environment).skypay
        let spool = ResolutionSpool(folder: folder.resolutions)
        let left = try spool.put(
            resolution,
            id: ResolutionSpool.id(
                at: SystemRunnerClock().now(), random: .random(in: .min ... .max)))
        defer { spool.forget(left) }
        let id = left.id
        let seconds =
            Int64(settings.connectTimeoutSeconds + settings.answerTimeoutSeconds)
            + Self.answerMarginSeconds
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            // Asked first: what the daemon did before it ended is then seen below.
            let goesOn =
                try CallHandover.isDaemon(folder) && !stop.isRequested && ContinuousClock.now < end
            if let report = try spool.takeAnswer(id) { return report }
            guard goesOn else { break }
            try await Task.sleep(for: .milliseconds(Self.lookMilliseconds))
        }
        guard try spool.withdraw(id) else {
            throw CommandFailure(
                .rowsOpen,
                "the daemon took it and has not answered: ask `batchrunner status "
                    + "\(resolution.word.what)` what became of it")
        }
        throw CommandFailure(.siteHeld, "the daemon did not take it; nothing was done")
    }
}

extension Runner {
    /// Who takes a person's word.
    var resolutions: ResolutionDesk {
        ResolutionDesk(
            journal: site.journal, inquiry: provider.inquiry, policy: provider.inquiry.policy,
            clock: site.clock, requests: provider.inquiry.requests,
            requestDesk: RequestResolutionDesk(
                journal: site.journal, inquiry: provider.inquiry, transfers: provider.transfers,
                clock: site.clock))
    }

    /// Settles what is held on a site that this process holds, and publishes the correction.
    func resolve(_ resolution: Resolution) async throws -> ResolutionReport {
        try await working {
            _ = try await intake.recover()
            _ = try await provider.recovery.settleIntents()
            await provider.client.reconsiderSealing()
            // Here, where a refusal is still one: outside of `working` every error is a failure.
            let report = try await ResolutionReport.orRefusal {
                try await resolutions.resolve(resolution)
            }
            _ = try await responses.settle()
            return report
        }
    }
}
