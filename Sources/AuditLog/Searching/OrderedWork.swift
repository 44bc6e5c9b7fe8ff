import Dispatch
import Locks

/// Does pieces of work on all cores and gives the results in the order of the pieces. At most
/// `ahead` results wait, so memory stays bounded however slow the taker is.
enum OrderedWork {
    /// Pieces begun and not yet taken, for each worker.
    private static let aheadPerWorker = 3

    private struct State<Result: Sendable> {
        var next = 0
        var results: [Int: Result] = [:]
        var isStopped = false
    }

    /// `take` is called here, for each piece in order, until it returns false or throws.
    static func run<Result: Sendable>(
        count: Int, workers: Int, _ work: @escaping @Sendable (Int) -> Result,
        take: (Int, Result) throws -> Bool
    ) throws {
        if count == 1 || workers == 1 {
            for piece in 0..<count where try !take(piece, work(piece)) { return }
            return
        }
        let state = Shared<Result>()
        // From zero: a semaphore must not end below the value it was made with.
        let room = DispatchSemaphore(value: 0)
        for _ in 0..<workers * aheadPerWorker { room.signal() }
        let done = DispatchSemaphore(value: 0)
        let group = DispatchGroup()
        for _ in 0..<min(workers, count) {
            DispatchQueue.global().async(group: group) {
                while let piece = state.begin(count, room) {
                    let result = work(piece)
                    state.end(piece, result)
                    done.signal()
                }
            }
        }
        defer {
            state.stop()
            for _ in 0..<workers { room.signal() }
            group.wait()
        }
        for piece in 0..<count {
            var result = state.result(piece)
            while result == nil {
                done.wait()
                result = state.result(piece)
            }
            room.signal()
            if let result, try !take(piece, result) { return }
        }
    }

    /// Hands out pieces and keeps their results until they are taken.
    private final class Shared<Result: Sendable>: Sendable {
        private let state = Locked(State<Result>())

        /// The next piece, once there is room for its result; nil when there is none left.
        func begin(_ count: Int, _ room: DispatchSemaphore) -> Int? {
            room.wait()
            return state.withLock { state in
                guard !state.isStopped, state.next < count else { return nil }
                defer { state.next += 1 }
                return state.next
            }
        }

        func end(_ piece: Int, _ result: Result) { state.withLock { $0.results[piece] = result } }

        func result(_ piece: Int) -> Result? {
            state.withLock { $0.results.removeValue(forKey: piece) }
        }

        func stop() { state.withLock { $0.isStopped = true } }
    }
}
