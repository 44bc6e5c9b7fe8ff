import CSimulation
import DurableFiles
import Glibc
import SkyPay

/// A file that somebody dropped, and what is in it.
struct SentFile {
    struct Row {
        var number: String
        var amount: Amount
        /// Whether the row keeps the rules.
        var isGood: Bool
    }

    /// Below the inbox.
    var name: String
    var bytes: [UInt8]
    var rows: [Row]
    /// True once the last byte is there.
    var isComplete = false
}

/// Three old systems that drop batches: in pieces, under a temporary name, twice, with faulty rows,
/// with numbers that were used before. Their uploads outlive the runner's crashes.
final class SimulatedSenders {
    private let inbox: String
    private let machine: SimulatedMachine
    private(set) var files: [SentFile] = []
    private var numbers: [String] = []
    private var serial = 0

    init(_ machine: SimulatedMachine, inbox: String) {
        self.machine = machine
        self.inbox = inbox
    }

    /// Plans the files of a history, `rows` in all, within `seconds`.
    func plan(rows: Int, within seconds: Int) {
        var left = rows
        while left > 0 {
            let count = min(left, 1 + machine.chance.below(40))
            left -= count
            let file = batch(count)
            machine.after(Double(machine.chance.below(seconds * 10)) / 10) { self.upload(file) }
            guard machine.chance.oneIn(6) else { continue }
            // The same content under another name.
            var again = file
            again.name = name(file.name.hasSuffix(".json") ? ".json" : ".csv")
            machine.after(Double(machine.chance.below(seconds * 12)) / 10) { self.upload(again) }
        }
    }

    private func name(_ ending: String) -> String {
        serial += 1
        return ["", "acme/", "beta/"][machine.chance.below(3)] + "batch-\(serial)" + ending
    }

    private func batch(_ count: Int) -> SentFile {
        let rows = (0..<count).map { _ in row() }
        let isJSON = machine.chance.oneIn(3)
        let name = name(isJSON ? ".json" : ".csv")
        let text = isJSON ? Self.json(rows, serial) : Self.csv(rows, serial)
        return SentFile(name: name, bytes: Array(text.utf8), rows: rows)
    }

    private func row() -> SentFile.Row {
        let amount = Amount(centavos: Int64(100 + machine.chance.below(500_000)))
        if machine.chance.oneIn(40), let used = numbers.last {
            return SentFile.Row(number: used, amount: amount, isGood: true)
        }
        let isGood = !machine.chance.oneIn(25)
        let digits = String(10_000_000 + numbers.count * 7 + machine.chance.below(7))
        let number = isGood ? "SKY99" + digits : "BAD" + digits
        numbers.append(number)
        return SentFile.Row(number: number, amount: amount, isGood: isGood)
    }

    private static func total(_ rows: [SentFile.Row]) -> String {
        Amount(centavos: rows.reduce(0) { $0 + $1.amount.centavos }).text
    }

    private static func csv(_ rows: [SentFile.Row], _ serial: Int) -> String {
        var text = "H,batch=B-\(serial),action=payoutQueue,mode=test\n"
        text += "C,controlNumber,name,phone,amount,accountNo,withdrawChannel,bankNo\n"
        for row in rows {
            text +=
                "D,\(row.number),\"Subok,Dos,Demo\",09115550037,\(row.amount.text),"
                + "09115550037,6,\n"
        }
        return text + "T,count=\(rows.count),amount=\(total(rows))\n"
    }

    private static func json(_ rows: [SentFile.Row], _ serial: Int) -> String {
        let items = rows.map { row in
            #"{"controlNumber":"\#(row.number)","name":"Subok,Dos,Demo","phone":"09115550037","#
                + #""amount":"\#(row.amount.text)","accountNo":"09115550037","withdrawChannel":"6"}"#
        }
        return #"{"batch":"B-\#(serial)","action":"payoutQueue","mode":"test","#
            + #""count":\#(rows.count),"amount":"\#(total(rows))","items":["#
            + items.joined(separator: ",") + "]}"
    }

    private func upload(_ file: SentFile) {
        let place = files.count
        files.append(file)
        let path = inbox + "/" + file.name
        outside { _ = mkdir(SimulatedDisk.folder(of: path), 0o755) }
        if machine.chance.oneIn(2) {
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
        let end = min(bytes.count, start + 1 + machine.chance.below(bytes.count))
        outside { Self.append(path, Array(bytes[start..<end])) }
        if end == bytes.count {
            files[place].isComplete = true
            return
        }
        let pause = machine.chance.oneIn(5) ? 4.0 : 0.2
        machine.after(pause) { self.append(place, path, from: end) }
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
                let delay = Double(machine.chance.spread(to: 300)) / 10
                guard let bytes = try? DurableFiles.read(path) else { continue }
                unlink(path)
                for copy in 0..<(machine.chance.oneIn(5) ? 2 : 1) {
                    serial += 1
                    let target = inbox + "/callback-\(serial)" + (copy == 0 ? ".txt" : "-again.txt")
                    machine.after(delay + Double(copy) * 7) {
                        self.outside {
                            Self.append(target + ".part", bytes)
                            rename(target + ".part", target)
                        }
                    }
                }
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
