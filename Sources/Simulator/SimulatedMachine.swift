import CSimulation
import Glibc

/// One thread that runs every job, a clock that goes on when nobody has anything to do, a disk, and
/// the moment at which it all ends. Jobs that are ready run in an order drawn from the seed.
final class SimulatedMachine {
    /// Seconds since 1970 at which each history begins: 2026-11-21 08:00 in Manila.
    static let beginning: Int64 = 1_795_219_200
    private static let nanoseconds: Int64 = 1_000_000_000

    var chance: Chance
    var disk: SimulatedDisk
    let root: String
    /// System calls seen, of every generation.
    private(set) var calls = 0
    /// True once the process has ended; what still runs of it finds that nothing works.
    private(set) var isDead = false
    /// Calls until the end; nil for none.
    private var left: Int?
    /// Every so many calls that change something fail, and the process lives on; 0 for none.
    var faultRate = 0
    /// Whether requests get lost.
    var hasBadNetwork = false
    /// Calls that failed so.
    private(set) var faults = 0
    /// A digest of everything that happened, to see that a seed replays.
    private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    /// Told of each call, for `--trace`.
    var trace: ((String) -> Void)?

    private var ready: [Work] = []
    private var timed: [(due: Int64, order: Int, work: Work)] = []
    private var order = 0
    private var paths: [Int32: String] = [:]
    private var saved: String?

    private enum Work {
        case job(UnsafeMutableRawPointer)
        case timer(@convention(c) (UnsafeMutableRawPointer?) -> Void, UnsafeMutableRawPointer?)
        case event(() -> Void)

        /// Of the process, not of the world around it.
        var isOfProcess: Bool {
            if case .event = self { false } else { true }
        }
    }

    init(seed: UInt64, root: String, keep: String) {
        chance = Chance(seed: seed)
        disk = SimulatedDisk(keep: keep)
        self.root = root
    }

    // MARK: Time and jobs

    /// Seconds since 1970.
    var now: Double { Double(csim_time()) / Double(Self.nanoseconds) }

    func begin() {
        SimulatedMachine.current = self
        csim_forget()
        csim_set_time(Self.beginning * Self.nanoseconds)
        csim_seed(chance.next())
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

    private func key(_ place: Int) -> (Int64, Int) { (timed[place].due, timed[place].order) }

    private func run(_ work: Work) {
        switch work {
        case .job(let job): csim_run_job(job)
        case .timer(let function, let context): function(context)
        case .event(let event): event()
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
        for descriptor in paths.keys { dup2(nowhere, descriptor) }
        close(nowhere)
        paths = [:]
    }

    /// Ends it here and now.
    func kill() { isDead = true }

    // MARK: Calls

    nonisolated(unsafe) static var current: SimulatedMachine?

    private static func before(_ request: UnsafePointer<csim_request>?) -> Int64 {
        guard let request, let machine = current else { return 0 }
        return machine.judge(request.pointee)
    }

    private static func after(_ request: UnsafePointer<csim_request>?, _ result: Int64) {
        guard let request, let machine = current else { return }
        machine.learn(request.pointee, result)
    }

    /// The ledger is made anew from the log when it is behind: it is taken back whole, not by pieces.
    private func isLedger(_ path: String) -> Bool { path.contains("/state/ledger.sqlite") }

    private func judge(_ request: csim_request) -> Int64 {
        if request.call == CSIM_CLOSE {
            paths[request.descriptor] = nil
            return 0
        }
        let path =
            request.path.pointee == 0
            ? paths[request.descriptor] : String(cString: request.path)
        guard let path else { return 0 }
        calls += 1
        mix(UInt64(request.call.rawValue), path)
        if isDead { return Int64(EIO) }
        trace?("\(Self.name(request.call)) \(path.dropFirst(root.count)) \(request.count)")
        if let left {
            self.left = left - 1
            if left <= 1 {
                isDead = true
                trace?("the process ends here")
                if request.call == CSIM_WRITE, request.count > 1, !isLedger(path) {
                    let torn = Int64(chance.below(Int(request.count)))
                    disk.willWrite(request.descriptor, at: request.offset, count: torn)
                    return -1 - torn
                }
                return Int64(EIO)
            }
        }
        if faultRate > 0, request.call != CSIM_READ, request.call != CSIM_OPEN, !isLedger(path),
            chance.oneIn(faultRate)
        {
            faults += 1
            let code = chance.oneIn(2) ? ENOSPC : EIO
            trace?("fails: \(code)")
            return Int64(code)
        }
        prepare(request, path)
        return 0
    }

    private func prepare(_ request: csim_request, _ path: String) {
        guard !isLedger(path) else { return }
        switch request.call {
        case CSIM_WRITE:
            disk.willWrite(request.descriptor, at: request.offset, count: request.count)
        case CSIM_TRUNCATE: disk.willTruncate(request.descriptor, to: request.offset)
        case CSIM_UNLINK: saved = disk.save(path)
        case CSIM_RENAME:
            saved = request.no_replace == 0 ? disk.save(String(cString: request.other)) : nil
        default: break
        }
    }

    private func learn(_ request: csim_request, _ result: Int64) {
        let path =
            request.path.pointee == 0
            ? paths[request.descriptor] ?? "" : String(cString: request.path)
        if request.call == CSIM_OPEN || request.call == CSIM_CREATE, result >= 0 {
            paths[Int32(result)] = path
        }
        guard !isLedger(path) else { return }
        switch request.call {
        case CSIM_CREATE where result >= 0: disk.didCreate(path)
        case CSIM_MKDIR where result == 0: disk.didMakeFolder(path)
        case CSIM_SYNC where result == 0: disk.didSync(request.descriptor, path: path)
        case CSIM_UNLINK:
            if result == 0 { disk.didRemove(path, saved: saved) } else { disk.forget(saved) }
        case CSIM_RENAME:
            if result == 0 {
                disk.didRename(path, to: String(cString: request.other), saved: saved)
            } else {
                disk.forget(saved)
            }
        default: break
        }
        if request.call == CSIM_UNLINK || request.call == CSIM_RENAME { saved = nil }
    }

    private func mix(_ call: UInt64, _ path: String) {
        digest = (digest ^ call) &* 0x100_0000_01B3
        for byte in path.dropFirst(root.count).utf8 {
            digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3
        }
    }

    private static func name(_ call: csim_call) -> String {
        switch call {
        case CSIM_OPEN: "open"
        case CSIM_CREATE: "create"
        case CSIM_READ: "read"
        case CSIM_WRITE: "write"
        case CSIM_SYNC: "sync"
        case CSIM_TRUNCATE: "truncate"
        case CSIM_RENAME: "rename"
        case CSIM_UNLINK: "unlink"
        case CSIM_MKDIR: "mkdir"
        case CSIM_RMDIR: "rmdir"
        default: "other"
        }
    }
}

/// The audit log's file work, on the one thread.
final class SimulatedExecutor: SerialExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        SimulatedMachine.current?.after(0) { job.runSynchronously(on: executor) }
    }
}
