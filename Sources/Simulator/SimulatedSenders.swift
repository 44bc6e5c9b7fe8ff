import CSimulation
import DurableFiles
import Glibc

/// Three old systems that drop batches: in pieces, under a temporary name, twice, with faulty rows,
/// with numbers that were used before. Their uploads outlive the runner's crashes.
final class SimulatedSenders {
    private let inbox: String
    private let machine: SimulatedMachine
    private let plan: HistoryPlan
    private var chance: Chance
    private(set) var files: [SentFile] = []
    /// Registered numbers that may never be booked as paid.
    private(set) var neverPaid: Set<String> = []
    /// Files planned, the left out ones too.
    private(set) var planned = 0
    /// Uploads and callbacks that are still to come.
    private var coming = 0
    private var callbacks = 0

    init(_ machine: SimulatedMachine, inbox: String, _ plan: HistoryPlan) {
        self.machine = machine
        self.inbox = inbox
        self.plan = plan
        chance = Chance(seed: plan.seed, .senders)
    }

    /// Everything that is to be dropped lies there or has been taken.
    var isDone: Bool { coming == 0 && files.allSatisfy(\.isComplete) }

    /// Plans the files of a history, to be dropped within `seconds`.
    func plan(within seconds: Int) {
        var batches = SimulatedBatches(rowsPerFile: plan.rowsPerFile, seconds: seconds)
        for (file, second) in batches.all(&chance) { upload(file, after: second) }
        neverPaid = batches.counter.neverPaid
    }

    private func upload(_ file: SentFile, after seconds: Double) {
        defer { planned += 1 }
        guard plan.files?.contains(planned) ?? true else { return }
        later(seconds) { self.upload(file) }
    }

    private func later(_ seconds: Double, _ event: @escaping () -> Void) {
        coming += 1
        machine.after(seconds) {
            self.coming -= 1
            event()
        }
    }

    private func upload(_ file: SentFile) {
        machine.tell?("\(file.name), \(file.action) with \(file.rows.count) rows is dropped")
        let place = files.count
        files.append(file)
        let path = inbox + "/" + file.name
        outside { _ = mkdir(SimulatedDisk.folder(of: path), 0o755) }
        if chance.oneIn(2) {
            outside {
                Self.append(path + ".part", file.bytes)
                rename(path + ".part", path)
            }
            files[place].isComplete = true
        } else {
            append(place, path, from: 0)
        }
    }

    /// A piece now, the next one a moment later; sometimes the sender is slow.
    private func append(_ place: Int, _ path: String, from start: Int) {
        let bytes = files[place].bytes
        let end = min(bytes.count, start + 1 + chance.below(bytes.count))
        outside { Self.append(path, Array(bytes[start..<end])) }
        if end == bytes.count {
            files[place].isComplete = true
            return
        }
        // Nobody drops a callback slower than files settle: the piece that is there would be taken for
        // one that nobody can read, and be rejected, as product.md has it.
        let pause = chance.oneIn(5) && !files[place].isCallback ? 4.0 : 0.2
        later(pause) { self.append(place, path, from: end) }
    }

    /// Not the runner's doing: no fault and no crash concerns it.
    private func outside(_ work: () -> Void) {
        csim_enter()
        work()
        csim_leave()
    }

    private static func append(_ path: String, _ bytes: [UInt8]) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        guard descriptor >= 0 else { return }
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    /// Drops the provider's reports that have been written since, late and sometimes twice.
    func deliverCallbacks(from folder: String) {
        outside {
            for name in Self.names(folder).sorted() {
                let path = folder + "/" + name
                guard let bytes = try? DurableFiles.read(path) else { continue }
                unlink(path)
                let delay = Double(machine.chance.spread(to: 300)) / 10
                let copies = machine.chance.oneIn(5) ? 2 : 1
                // Nobody promises that a report comes; without most of them queries have to tell.
                guard machine.chance.oneIn(3), plan.has(.callbacks) else { continue }
                for copy in 0..<copies { deliver(bytes, copy, after: delay + Double(copy) * 7) }
            }
        }
    }

    private func deliver(_ bytes: [UInt8], _ copy: Int, after seconds: Double) {
        callbacks += 1
        let target = inbox + "/callback-\(callbacks)" + (copy == 0 ? ".txt" : "-again.txt")
        later(seconds) {
            self.outside {
                Self.append(target + ".part", bytes)
                rename(target + ".part", target)
            }
        }
    }

    static func names(_ folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
