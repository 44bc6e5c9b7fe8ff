import CSimulation
import Glibc

/// One thread that runs every job, a clock that goes on when nobody has anything to do, a disk, and
/// the moment at which it all ends. Jobs that are ready run in an order drawn from the seed.
final class SimulatedMachine {
    /// Seconds since 1970 at which each history begins: 2026-11-21 08:00 in Manila.
    static let beginning: Int64 = 1_795_219_200
    private static let nanoseconds: Int64 = 1_000_000_000
    /// Jobs done without letting time pass, at most.
    private static let mostReady = 200_000

    private let seed: UInt64
    var chance: Chance
    var disk: SimulatedDisk
    let root: String
    let logSegment: String
    /// System calls seen, of every generation.
    var calls = 0
    /// True once the process has ended; what still runs of it finds that nothing works.
    var isDead = false
    /// Calls until the end; nil for none.
    var left: Int?
    /// Every so many calls that change something fail, and the process lives on; 0 for none.
    var faultRate = 0
    /// How long the log's disk takes for what waits, in seconds: what comes meanwhile goes with the next
    /// sync, as on a real one.
    var logSeconds = 0.0
    /// Whether requests get lost.
    var hasBadNetwork = false
    /// Calls that failed so.
    var faults = 0
    /// A digest of everything that happened, to see that a seed replays.
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    /// Told of each call, for `--trace`.
    var trace: ((String) -> Void)?
    /// Told of what happens, for people; beside the time.
    var tell: ((String) -> Void)?
    /// Sees each step.
    var witness: Witness?
    /// Requests and answers that got lost.
    var networkFaults = 0
    /// Requests that reached the provider.
    var requests = 0

    private var ready: [Work] = []
    private var timed: [(due: Int64, order: Int, work: Work)] = []
    private var order = 0
    /// What open descriptors stand for, by number.
    var places: [SimulatedPlace?] = []
    var saved: String?

    private enum Work {
        case job(UnsafeMutableRawPointer)
        case timer(@convention(c) (UnsafeMutableRawPointer?) -> Void, UnsafeMutableRawPointer?)
        case event(() -> Void)
        case logWork(() -> Void)

        /// Of the process, not of the world around it.
        var isOfProcess: Bool {
            if case .event = self { false } else { true }
        }
    }

    init(seed: UInt64, root: String, keep: String) {
        self.seed = seed
        chance = Chance(seed: seed, .life(0))
        disk = SimulatedDisk(keep: keep)
        self.root = root
        logSegment = LogTap.segment(root)
    }

    // MARK: Time and jobs

    /// Seconds since 1970.
    var now: Double { Double(csim_time()) / Double(Self.nanoseconds) }

    func begin() {
        SimulatedMachine.current = self
        csim_forget()
        csim_set_time(Self.beginning * Self.nanoseconds)
        enter(0)
        csim_catch_jobs(
            { job in
                guard let job else { return }
                SimulatedMachine.current?.take(.job(job), due: -1)
            },
            { function, context, due in
                guard let function else { return }
                SimulatedMachine.current?.take(.timer(function, context), due: due)
            })
        csim_start(root, { SimulatedMachine.before($0) }, { SimulatedMachine.after($0, $1) })
    }

    /// A life begins, with chances of its own.
    func enter(_ life: Int) {
        chance = Chance(seed: seed, .life(life))
        csim_seed(chance.next())
    }

    func end() {
        csim_stop()
        SimulatedMachine.current = nil
    }

    /// Real clocks and files for a while, for whoever looks at what there is.
    func outside<Value>(_ work: () -> Value) -> Value {
        csim_stop()
        defer {
            csim_start(root, { SimulatedMachine.before($0) }, { SimulatedMachine.after($0, $1) })
        }
        return work()
    }

    /// An event of the world, so many seconds from now.
    func after(_ seconds: Double, _ event: @escaping () -> Void) {
        take(.event(event), due: csim_time() + Int64(seconds * Double(Self.nanoseconds)))
    }

    /// Work of the audit log, done once its disk has time for it.
    func afterLogDisk(_ work: @escaping () -> Void) {
        take(.logWork(work), due: csim_time() + Int64(logSeconds * Double(Self.nanoseconds)))
    }

    private func take(_ work: Work, due: Int64) {
        order += 1
        if due < 0 { ready.append(work) } else { timed.append((due, order, work)) }
    }

    /// Does one thing; false when nothing is left to do at or before a time.
    func step(until deadline: Int64 = .max) -> Bool {
        if ready.isEmpty {
            guard let next = timed.indices.min(by: { key($0) < key($1) }),
                timed[next].due <= deadline
            else { return false }
            let (due, _, work) = timed.remove(at: next)
            if due > csim_time() { csim_set_time(due) }
            run(work)
            return true
        }
        run(ready.remove(at: chance.below(ready.count)))
        return true
    }

    /// Does what is ready, and what becomes ready by it, without waiting for anything.
    func runReady() {
        for _ in 0..<Self.mostReady where !ready.isEmpty {
            run(ready.remove(at: chance.below(ready.count)))
        }
    }

    /// Nothing happens until then.
    func wait(until time: Int64) {
        if time > csim_time() { csim_set_time(time) }
    }

    private func key(_ place: Int) -> (Int64, Int) { (timed[place].due, timed[place].order) }

    private func run(_ work: Work) {
        switch work {
        case .job(let job): csim_run_job(job)
        case .timer(let function, let context): function(context)
        case .event(let event), .logWork(let event): event()
        }
    }

    /// Nothing of the old process runs any more.
    func forgetJobs() {
        ready = []
        timed.removeAll { $0.work.isOfProcess }
    }

    // MARK: The end of a process

    /// Ends the process at the `calls`-th call from now; nil lets it live.
    func endAfter(_ calls: Int?) {
        left = calls
        isDead = false
    }

    /// What a kernel does at the end of a process: locks go with the descriptors. Their numbers stay
    /// taken, since objects of the dead process may still close them.
    func closeDescriptors() {
        let nowhere = Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
        for descriptor in places.indices where places[descriptor] != nil {
            dup2(nowhere, Int32(descriptor))
        }
        close(nowhere)
        places = []
    }

    /// Ends it here and now.
    func kill() { isDead = true }

    // MARK: Calls

    nonisolated(unsafe) static var current: SimulatedMachine?

    private static func before(_ request: UnsafePointer<csim_request>?) -> Int64 {
        guard let request, let machine = current else { return 0 }
        return machine.judge(request)
    }

    private static func after(_ request: UnsafePointer<csim_request>?, _ result: Int64) {
        guard let request, let machine = current else { return }
        machine.learn(request, result)
    }
}

/// The audit log's file work, on the one thread.
final class SimulatedExecutor: SerialExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        SimulatedMachine.current?.afterLogDisk { job.runSynchronously(on: executor) }
    }
}
