import Foundation
import OrderedJSON
import Testing

/// generate711Barcode: references to pay in by, with pictures.
@Suite(.fewAtATime)
struct BarCodeTests {
    private static let zbarimg = ["/usr/bin/zbarimg", "/usr/local/bin/zbarimg"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private static func batch(_ count: Int) -> String {
        let rows = (1...count).map { index -> [String] in
            ["SKY997000000\(index)", "\"Bayad,Uno,Test\"", "09171234567", "\(100 * index).00"]
        }
        let total = (1...count).reduce(0) { $0 + 100 * $1 }
        return ActionBatch.csv(
            "Q-1", "generate711Barcode", ["contractNumber", "name", "phone", "amount"], rows,
            amount: "\(total).00")
    }

    @Test(
        "Every row has its reference, its expiry and its pictures, in a folder that appears whole")
    func generated() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let before = Date()
            let run = try await site.runWith("codes.csv", Self.batch(3))
            let after = Date()
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            let rows = try site.rows("codes.csv.result.json")
            #expect(rows.map { $0["outcome"] } == ["answered", "answered", "answered"])
            let table = CSVReading.table(try site.text("outbox/codes.csv.result.csv"))
            #expect(table.count == 3)
            let pictures = try site.snapshot("outbox/codes.csv.barcodes")
            #expect(pictures.count == 6)
            for (row, line) in zip(rows, table) {
                let reference = try #require(row["answer"]?["referenceNumber"]?.stringValue)
                let name = try #require(row["answer"]?["barcode"]?.stringValue)
                #expect(line["referenceNumber"] == reference)
                #expect(line["barcode"] == name)
                let form = /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00/
                #expect(line["expiresAt"]?.wholeMatch(of: form) != nil)
                #expect(line["expiresAt"] == row["answer"]?["expiresAt"]?.stringValue)
                // A day from the request, and never later than SkyPay counts.
                let expiry = ISO8601DateFormatter().date(from: line["expiresAt"] ?? "")
                let asked = try #require(expiry).addingTimeInterval(-86_400)
                #expect(asked > before.addingTimeInterval(-1) && asked <= after)
                let svg = String(decoding: pictures[name + ".svg"] ?? [], as: UTF8.self)
                #expect(svg.contains(">\(reference)<"))
                #expect(pictures[name + ".png"]?.starts(with: [0x89, 0x50, 0x4E, 0x47]) == true)
            }
            #expect(try await site.verify().code == 0)
        }
    }

    @Test(
        "zbarimg reads from every PNG what SkyPay gave", .enabled(if: zbarimg != nil, "no zbarimg"))
    func decoded() async throws {
        try await Scratch.with { scratch in
            let program = try #require(Self.zbarimg)
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            #expect(try await site.runWith("codes.csv", Self.batch(3)).code == 0)
            for row in try site.rows("codes.csv.result.json") {
                let name = try #require(row["answer"]?["barcode"]?.stringValue)
                let path = "\(site.outbox)/codes.csv.barcodes/\(name).png"
                let read = try await scratch.run(program, ["--quiet", path])
                let reference = row["answer"]?["referenceNumber"]?.stringValue ?? ""
                #expect(read.output == "CODE-128:\(reference)\n", "\(read.errors)")
            }
        }
    }

    @Test(
        "A bar code without an answer is asked for again",
        arguments: ["drop-after", "code:-9999", "truncated"])
    func again(_ kind: String) async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try sandbox.fault("generate711Barcode:\(kind):1")
            // On a slow machine its turn may come again within the first run.
            let code = try await site.runWith("codes.csv", Self.batch(1)).code
            #expect(code == 0 || code == 20)
            try await site.runUntil("codes.csv.final.json")
            #expect(try site.outcomes("codes.csv.final.json") == ["answered"])
            #expect(try site.snapshot("outbox/codes.csv.barcodes").count == 2)
        }
    }

    @Test("Killed while the folder is made, it appears whole at the next run")
    func killed() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop("codes.csv", Self.batch(2))
            // The acknowledgement is written in two halves first.
            let ended = try await site.tool(
                "run", environment: ["BATCHRUNNER_FAIL_POINT": "half-written:2"])
            #expect(ended.signal == SIGKILL)
            #expect(!site.exists("outbox/codes.csv.barcodes"))
            #expect(try await site.run().code == 0)
            #expect(try site.snapshot("outbox/codes.csv.barcodes").count == 4)
            #expect(try site.outboxNames().allSatisfy { !$0.contains(".writing") })
        }
    }
}
