import BatchRunner
import Dispatch
import Glibc

/// SIGTERM and SIGINT ask the runner to finish what is in flight and stop.
enum Signals {
    /// True when standard error is a terminal: progress is for people.
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// A request that the signals make.
    static func stopRequest() -> StopRequest {
        let stop = StopRequest()
        for number in [SIGTERM, SIGINT] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { stop.request() }
            source.activate()
            sources.withLock { $0.append(source) }
        }
        return stop
    }

    private static let queue = DispatchQueue(label: "signals")
    private static let sources = SourceList()
}

/// Keeps the signal sources alive.
private final class SourceList: @unchecked Sendable {
    // Guarded by `lock`.
    private var list: [any DispatchSourceSignal] = []
    private let lock = DispatchSemaphore(value: 1)

    func withLock(_ body: (inout [any DispatchSourceSignal]) -> Void) {
        lock.wait()
        body(&list)
        lock.signal()
    }
}
