import AuditLog
import DurableFiles
import Locks
import Logging
import SkyPay

/// What a posted callback is answered with.
public enum CallbackReply: Sendable, Equatable {
    /// Taken: the event is durable. The body, in SkyPay's encrypted text when the callback came so.
    case answer([UInt8], isEncrypted: Bool)
    /// Not a callback, or nothing our keys open: nothing was kept.
    case refused
    /// Not now: the runner stops, has too much to do, or could not make it durable. SkyPay is to
    /// deliver it again.
    case unavailable
}

/// Takes callbacks that are posted, by the same steps as dropped ones: private copy durable → claim
/// durable → judged (`callback.received` durable and folded) → answered. A listener of any kind
/// hands the bytes in and gives the reply back.
///
/// If we crash before the claim, nothing was taken and nobody was answered. After it, the next start
/// judges the copy; when SkyPay delivers again, it is the same content and changes nothing.
public final class CallbackDoor: Sendable {
    private let site: RunnerSite
    private let judge: FileJudge
    private let responses: ResponseDesk
    private let stop: StopRequest
    private let logger: Logger
    private let judged: @Sendable (String) throws -> Void
    private let state = Locked(State())

    private struct State {
        var inside = 0
        var refused = 0
        var toldAt: ContinuousClock.Instant?
        var failure: (any Error)?
    }

    /// Callbacks taken at the same time; one more is told to come again. Each waits for one sync.
    static let maxInside = 64
    /// What is refused is told in the log at most so often, in seconds.
    static let tellEverySeconds = 60

    /// - Parameter judged: told the id of each that has its verdict.
    init(
        site: RunnerSite, judge: FileJudge, responses: ResponseDesk, stop: StopRequest,
        logger: Logger, judged: @escaping @Sendable (String) throws -> Void
    ) {
        self.site = site
        self.judge = judge
        self.responses = responses
        self.stop = stop
        self.logger = logger
        self.judged = judged
    }

    /// What stopped the journal or broke an invariant on the way of a callback; then everything has
    /// to stop.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Takes one callback.
    /// - Parameters:
    ///   - body: at most `CallbackReading.maxBytes` are read; more is refused.
    ///   - address: the other end of the connection, for the record.
    public func take(_ body: [UInt8], from address: String) async -> CallbackReply {
        guard enter() else { return .unavailable }
        defer { state.withLock { $0.inside -= 1 } }
        let contents: CallbackReading.Contents
        do throws(CallbackFault) {
            contents = try judge.callbacks.reading.contents(body)
            guard Callback.action(of: contents.object) != nil else {
                throw CallbackFault("the field action names no callback of SkyPay")
            }
        } catch {
            tell("a callback from \(address) was refused: \(error.description)")
            return .refused
        }
        do {
            return try await take(
                PostedCallback(
                    fileID: try site.numbers.next(at: site.clock.unixSeconds()), body: body,
                    address: address, isEncrypted: contents.isEncrypted))
        } catch {
            state.withLock { if $0.failure == nil { $0.failure = error } }
            stop.request()
            return .unavailable
        }
    }

    private func enter() -> Bool {
        state.withLock { state in
            guard !stop.isRequested, state.failure == nil, state.inside < Self.maxInside else {
                return false
            }
            state.inside += 1
            return true
        }
    }

    private func take(_ posted: PostedCallback) async throws -> CallbackReply {
        do throws(FileError) {
            try DurableFiles.createOnce(site.folder.file(posted.fileID), posted.body)
        } catch {
            // Nothing is recorded, and there may be room again by the next delivery.
            tell("a callback could not be kept, SkyPay has to deliver it again: \(error)")
            return .unavailable
        }
        // If we crash here the copy is nobody's: recovery removes it.
        try await site.journal.record([posted.claim.draft(site.journal.author)])
        // If we crash here the copy is the callback: recovery judges it.
        FailPoint.reach(.posted)
        guard let file = try site.journal.ledger.file(posted.fileID) else {
            throw InvariantViolation("callback \(posted.fileID) was claimed and is not known")
        }
        try await judge.judge(file)
        FailPoint.reach(.decided)
        // If we crash here SkyPay has no answer and delivers again: the same content, no new effect.
        try judged(posted.fileID)
        guard let decided = try site.journal.ledger.file(posted.fileID),
            let answer = try responses.answer(to: decided)
        else { return .refused }
        return .answer(answer.sealed ?? answer.json, isEncrypted: answer.sealed != nil)
    }

    /// Whoever can reach us can send rubbish: the log gets a line a minute, and the count.
    private func tell(_ problem: String) {
        let count: Int? = state.withLock { state in
            state.refused += 1
            if let last = state.toldAt,
                last.duration(to: .now) < .seconds(Self.tellEverySeconds)
            {
                return nil
            }
            state.toldAt = .now
            return state.refused
        }
        if let count { logger.warning("\(problem) (\(count) so far)") }
    }
}
