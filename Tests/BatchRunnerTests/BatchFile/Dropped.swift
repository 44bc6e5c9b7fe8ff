import DurableFiles
import Foundation
import Testing

@testable import BatchRunner

/// A dropped file under test: name, bytes, and the side file beside it.
struct Dropped: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var side: [UInt8]?
    var sha256 = "not hashed"

    var testDescription: String { name }

    init(_ name: String, _ text: String, side: String? = nil) {
        self.name = name
        bytes = Array(text.utf8)
        self.side = side.map { Array($0.utf8) }
    }

    /// One of the repository's samples.
    init(sample: String) throws {
        name = sample
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = root.appending(path: "samples/\(sample)").path()
        bytes = try DurableFiles.read(path)
        side = try? DurableFiles.read(path + ".ctl")
    }

    /// The same file with other bytes.
    func with(bytes: [UInt8]) -> Dropped {
        var copy = self
        copy.bytes = bytes
        return copy
    }

    /// What reading it comes to.
    struct Outcome: Equatable {
        var reading: BatchReading
        var rows: [BatchRow]

        var summary: BatchSummary? {
            if case .whole(let summary) = reading { summary } else { nil }
        }
        var isIncomplete: Bool {
            if case .incomplete = reading { true } else { false }
        }
        var faults: [Fault] {
            if case .rejected(let faults) = reading { faults } else { [] }
        }
    }

    /// Reads it as the runner does.
    func read(limits: BatchLimits = .standard) throws -> Outcome {
        try Self.inFolder { folder in
            try read(at: "\(folder)/copy", limits: limits)
        }
    }

    /// Reads it from a private copy that stays at `path`.
    func read(at path: String, limits: BatchLimits = .standard) throws -> Outcome {
        try Data(bytes).write(to: URL(filePath: path))
        var rows: [BatchRow] = []
        let reading = try BatchReader.read(
            path: path, name: name, sideFile: side, contentSHA256: sha256, limits: limits
        ) { rows.append($0) }
        return Outcome(reading: reading, rows: rows)
    }

    /// A folder that is there during the call.
    static func inFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "batchfile-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.path())
    }
}

extension Dropped {
    static let header = "H,batch=B-1,action=payoutQueue,mode=test\n"
    static let columns = "C,controlNumber,name,phone,amount,accountNo,withdrawChannel\n"
    static let row1 = "D,SKY9900000001,\"Subok,Uno,Test\",09171234567,1500.00,09171234567,6\n"
    static let row2 = "D,SKY9900000002,\"Subok,Dos,Test\",09171234568,0.50,09171234568,8\n"
    static let trailer = "T,count=2,amount=1500.50\n"

    /// A valid CSV with typed records.
    static let typed = Dropped("typed.csv", header + columns + row1 + row2 + trailer)

    /// The same with everything CSV allows: byte order mark, CRLF, quotes, lines inside a cell.
    static let awkward = Dropped(
        "awkward.csv",
        "\u{FEFF}"
            + (header
            + "C,controlNumber,name,phone,amount,accountNo,withdrawChannel,location\n"
            + "D,SKY9900000001,\"Subok,Uno,Test\",09171234567,1500.00,09171234567,6,"
            + "\"Kalye \"\"Uno\"\"\nMaynila\"\n"
            + "\"D\",SKY9900000002,\"Peña,Dos,Test\",09171234568,0.50,09171234568,8,\"\"\n"
            + "T,\"count=2\",amount=1500.50\n").split(
                separator: "\n", omittingEmptySubsequences: false
            ).joined(separator: "\r\n"))

    static let item1 = """
        {"controlNumber":"SKY9900000001","name":"Subok,Uno,Test","phone":"09171234567",\
        "amount":"1500.00","accountNo":"09171234567","withdrawChannel":6}
        """
    static let item2 = """
        {"name":"Pe\\u00f1a \\"}{\\",Dos,Test", "controlNumber":"SKY9900000002",
          "phone":"09171234568", "amount":"0.50",
          "accountNo":"09171234568", "withdrawChannel":"8", "bankNo":null}
        """

    /// A valid JSON batch, its keys in an unusual order.
    static let json = Dropped(
        "batch.json",
        "\n{\"items\" : [ \(item1) ,\n \(item2) ] , \"amount\":\"1500.50\", \"count\":2,\n"
            + "\"mode\":\"test\",\"action\":\"payoutQueue\",\"sequence\":7,\"batch\":\"B-2\"}")

    static let side = """
        {"batch":"B-3","action":"payoutQueue","mode":"test","count":2,"amount":"1500.50"}
        """

    /// A valid plain CSV with its side file; the last column may be empty or cut short.
    static let plain = Dropped(
        "plain.csv",
        "controlNumber,name,phone,amount,accountNo,withdrawChannel,location\n"
            + "SKY9900000001,\"Subok,Uno,Test\",09171234567,1500.00,09171234567,6,Maynila\n"
            + "SKY9900000002,\"Subok,Dos,Test\",09171234568,0.50,09171234568,8,Maynila\n",
        side: side)

    /// Valid JSON Lines with their side file.
    static let lines = Dropped(
        "lines.jsonl",
        item1 + "\n"
            + item1.replacing("SKY9900000001", with: "SKY9900000002")
            .replacing("1500.00", with: "0.50") + "\n",
        side: side)

    /// One valid file of each form, and the awkward one.
    static let valid = [typed, awkward, json, plain, lines]
}

extension Dropped {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
