import AuditLog
import Locks

/// Wakes one waiter, or remembers that it should have. Signals between two waits count once.
final class WakeSignal: Sendable {
    private struct State {
        var isPending = false
        /// Counts waits, so that a late timer cannot end a later wait.
        var turn = 0
        /// The last wait whose time was up, or which was cancelled, perhaps before it began.
        var gaveUp = 0
        var waiter: CheckedContinuation<Bool, Never>?
    }

    private let state = Locked(State())

    /// Something happened: ends the wait, now or when it begins.
    func signal() {
        let waiter = state.withLock { state in
            let waiter = state.waiter
            state.waiter = nil
            state.isPending = waiter == nil
            return waiter
        }
        waiter?.resume(returning: true)
    }

    /// Waits for a signal, for `timeout` by `clock`, or for the task to be cancelled.
    /// One waiter at a time. True when there was a signal.
    func wait(atMost timeout: Duration, clock: some Clock<Duration>) async -> Bool {
        let turn = state.withLock { state in
            state.turn += 1
            return state.turn
        }
        let timer = Task { [weak self] in
            try? await clock.sleep(for: timeout)
            self?.giveUp(turn)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { enter($0) }
        } onCancel: {
            giveUp(turn)
        }
    }

    private func enter(_ waiter: CheckedContinuation<Bool, Never>) {
        let answer: Bool? = state.withLock { state in
            if state.isPending {
                state.isPending = false
                return true
            }
            if state.gaveUp == state.turn { return false }
            state.waiter = waiter
            return nil
        }
        if let answer { waiter.resume(returning: answer) }
    }

    private func giveUp(_ turn: Int) {
        let waiter: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard state.turn == turn else { return nil }
            state.gaveUp = turn
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: false)
    }
}
