import Glibc

/// Named moments at which a test can end the process as `kill -9` does, in the built binary. Set by
/// `BATCHRUNNER_FAIL_POINT=NAME` or `NAME:N` (the n-th time, from 1); armed only for a loopback
/// provider, so that no environment can stop a live run.
enum FailPoint: String, Sendable, CaseIterable {
    /// A call by hand lies in the inbox, nobody has taken it.
    case dropped
    /// The claim is durable, the original still lies in the inbox.
    case claimed
    /// The claim of a posted callback is durable, nobody has judged it.
    case posted
    /// The event of a posted callback is durable, its answer has not left.
    case decided
    /// An intent is durable, its request has not left.
    case intended
    /// The request has been answered, the answer is not recorded.
    case sent
    /// The answer is durable, nothing else has happened.
    case answered
    /// Half of a response is in its temporary file.
    case halfWritten = "half-written"
    /// A group of events is durable, the ledger lacks it.
    case recorded
    /// The log has a new password key, the files have the old one.
    case keyRecorded = "key-recorded"
    /// The key before the change is kept, the new one is not in its place.
    case keyKept = "key-kept"
    /// A response is in the outbox, the log does not know yet.
    case published
    /// A new ledger is whole beside the old one.
    case ledgerMade = "ledger-made"
    /// The old ledger has its second name, and is still in its place.
    case ledgerKept = "ledger-kept"
    /// The new ledger is in its place, the log does not know yet.
    case ledgerReplaced = "ledger-replaced"
    /// The log carries the ledger, its old segments are still there.
    case snapshotRecorded = "snapshot-recorded"

    /// Ends the process here and now, if this is the armed point.
    static func reach(_ point: FailPoint) {
        guard let armed, armed.point == point, armed.countDown() else { return }
        kill(getpid(), SIGKILL)
    }

    /// Reads the environment once; `allowed` is false for anything but a loopback provider.
    static func arm(allowed: Bool, environment: [String: String]) {
        guard allowed, let text = environment["BATCHRUNNER_FAIL_POINT"] else { return }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let point = FailPoint(rawValue: parts[0]) else { return }
        armed = Armed(point: point, times: parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
    }

    // Written once at start, before any task exists.
    nonisolated(unsafe) private static var armed: Armed?

    // Only counts; the kernel ends the process, so no order of tasks matters.
    private final class Armed: @unchecked Sendable {
        let point: FailPoint
        private var left: Int

        init(point: FailPoint, times: Int) {
            self.point = point
            left = times
        }

        func countDown() -> Bool {
            left -= 1
            return left == 0
        }
    }
}
