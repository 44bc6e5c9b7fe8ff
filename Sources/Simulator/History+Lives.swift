import BatchRunner
import CSimulation
import Glibc
import Logging

/// The lives of the runner: each begins on what the one before left, and most end in the middle.
extension History {
    private static let mostCalls = 12_000
    private static let lifeSeconds = 90
    private static let stopSeconds = 120.0
    /// Between two looks of a person at what is held.
    private static let personSeconds = 20.0
    /// Every so many calls fail in a life on a bad disk.
    private static let diskFaultRate = 400
    /// From memory with a battery to a busy spinning disk, in seconds.
    private static let logSeconds = [0.002, 0.03, 0.03, 0.1]
    private static let unwindingSteps = 200_000

    /// What a process does.
    enum Work {
        case daemon
        case once
    }

    // Everything runs on the one simulated thread.
    final class Process: @unchecked Sendable {
        let stop = StopRequest()
        var isOver = false
        var error: String?
        var report: RunReport?
    }

    func start(_ work: Work) -> Process {
        let process = Process()
        var surroundings = Surroundings()
        surroundings.transport = SimulatedNetwork(provider: provider)
        surroundings.watchesInbox = false
        surroundings.logExecutor = SimulatedExecutor()
        let (root, stop, logger) = (root, process.stop, logger())
        Task {
            do {
                let runner = try await Runner.open(root: root, environment: [:], in: surroundings)
                switch work {
                case .daemon:
                    process.report = try await runner.watch(
                        stop: stop, logger: logger, listener: NoListener(), judged: { _ in })
                case .once:
                    process.report = try await runner.runOnce(
                        waitUnknown: false, stop: stop, progress: { _ in })
                }
            } catch {
                process.error = "\(error)"
            }
            process.isOver = true
        }
        return process
    }

    private func logger() -> Logger {
        let isTraced = machine.trace != nil
        return Logger(label: "runner") { label in
            if isTraced { return StreamLogHandler.standardOutput(label: label) }
            return SwiftLogNoOpLogHandler()
        }
    }

    func live(_ number: Int) {
        machine.enter(number)
        machine.outside { person.leave() }
        // A third of the ends while it starts, a third soon after, a third at any time.
        let limits = [400, 3_000, Self.mostCalls]
        machine.endAfter(1 + machine.chance.below(limits[machine.chance.below(limits.count)]))
        let isOnBadDisk = machine.chance.oneIn(3)
        machine.faultRate = isOnBadDisk && plan.has(.disk) ? Self.diskFaultRate : 0
        machine.logSeconds = Self.logSeconds[machine.chance.below(Self.logSeconds.count)]
        machine.hasBadNetwork = plan.has(.network)
        let isRun = machine.chance.oneIn(4)
        machine.tell?("life \(number): \(isRun ? "run" : "daemon")")
        let process = start(isRun ? .once : .daemon)
        let deadline = machine.now + Double(1 + machine.chance.below(Self.lifeSeconds))
        while machine.now + Self.personSeconds < deadline, !process.isOver, !machine.isDead,
            outcome.violations.isEmpty
        {
            work(process, until: machine.now + Self.personSeconds)
            lookAtHeld()
        }
        work(process, until: deadline)
        if !process.isOver, !machine.isDead, machine.chance.oneIn(3) {
            machine.tell?("asked to stop")
            process.stop.request()
            work(process, until: machine.now + Self.stopSeconds)
        }
        let ended = machine.isDead || !process.isOver
        if !process.isOver { unwind(process) }
        if ended { crash() } else { leave() }
        machine.faultRate = 0
        if let error = process.error {
            errors.append(error)
            machine.tell?("it ended: \(error)")
        }
    }

    func work(_ process: Process, until deadline: Double) {
        let nanoseconds = Int64(deadline * 1_000_000_000)
        while !process.isOver, !machine.isDead, outcome.violations.isEmpty {
            if !machine.step(until: nanoseconds) {
                machine.wait(until: nanoseconds)
                break
            }
            deliverCallbacks()
            if !witness.newlyFinal.isEmpty { checkFinals() }
            if !witness.violations.isEmpty { break }
        }
    }

    /// Looked for whenever so much time has passed: at each step would cost more than the steps.
    private func deliverCallbacks() {
        guard machine.now >= callbacksLooked + Self.callbackSeconds else { return }
        callbacksLooked = machine.now
        senders.deliverCallbacks(from: folder + "/callbacks")
    }

    private static let callbackSeconds = 2.0

    /// The process is dead: whatever it still tries fails, until nothing of it is left.
    private func unwind(_ process: Process) {
        machine.kill()
        process.stop.request()
        for _ in 0..<Self.unwindingSteps where !process.isOver {
            if !machine.step() { break }
        }
        if !process.isOver { machine.forgetJobs() }
    }

    /// A process that has ended by itself: what it had open is closed.
    func leave() {
        machine.runReady()
        machine.outside {
            machine.closeDescriptors()
            _ = ledgers.renew(&machine.chance, mayRollBack: false)
        }
    }

    private func crash() {
        outcome[.crashes] += 1
        machine.outside { machine.closeDescriptors() }
        let isPowerLoss = machine.chance.oneIn(2)
        if isPowerLoss, plan.has(.power) {
            outcome[.powerLosses] += 1
            machine.tell?("the power goes")
            machine.outside { machine.disk.losePower(&machine.chance) }
        } else {
            machine.tell?("killed")
            machine.disk.keepAll()
        }
        let isRolledBack = machine.outside {
            ledgers.renew(&machine.chance, mayRollBack: isPowerLoss && plan.has(.ledger))
        }
        if isRolledBack {
            outcome[.ledgers] += 1
            machine.tell?("the ledger is one of an earlier day, or none")
        }
        machine.endAfter(nil)
    }
}

/// Nothing is posted.
private struct NoListener: CallbackListener {
    func listen(
        at settings: ListenSettings, door: CallbackDoor, until stop: StopRequest,
        listening: @escaping @Sendable (Int) -> Void
    ) async throws {}
}
