import Foundation
import OrderedJSON
import Testing

/// What is told about fields, and what a site does with the provider's lists.
@Suite(.fewAtATime)
struct FieldTests {
    private static let actions = [
        "payoutQueue", "payoutQueueV2", "amendTransactionV2", "cancelPayout", "payoutQueryStatus",
        "getReportPayout", "getReportCollection", "balanceQuery", "balanceTransfer",
        "generate711Barcode", "notificationInquiry", "getCatalog", "registerPayout",
        "registerCollection",
    ]
    private static let callbacks = [
        "payoutQueuePayout", "payoutInquiry", "payoutPayout", "collectionInquiry",
        "collectionCollect", "financeNotification",
    ]

    /// A command that needs no site.
    private func tell(_ scratch: Scratch, _ arguments: String...) async throws -> Ended {
        try await scratch.run(Binaries.batchrunner, arguments)
    }

    @Test("fields lists every action and callback, and prints the table of each")
    func tables() async throws {
        try await Scratch.with { scratch in
            let list = try await tell(scratch, "fields")
            #expect(list.code == 0)
            let listed = list.output.split(separator: "\n").map { $0.prefix { $0 != " " } }
            #expect(listed.map(String.init) == Self.actions + Self.callbacks)
            let names = try await tell(scratch, "fields", "--json")
            let all = try JSONValue(parsing: Array(names.output.utf8)).arrayValue ?? []
            #expect(all.compactMap { $0["action"]?.stringValue } == Self.actions + Self.callbacks)
            for action in Self.actions + Self.callbacks {
                let json = try await tell(scratch, "fields", action, "--json")
                let value = try JSONValue(parsing: Array(json.output.utf8))
                let text = try await tell(scratch, "fields", action)
                for field in value["fields"]?.arrayValue ?? [] {
                    #expect(text.output.contains(field["name"]?.stringValue ?? "?"))
                }
                #expect(value["action"]?.stringValue == action && json.code == 0)
            }
            let unknown = try await tell(scratch, "fields", "payoutQeue")
            #expect(unknown.code == 64 && unknown.errors.contains("did you mean \"payoutQueue\""))
        }
    }

    @Test("The template of every action is refused as it is, and taken once it has a batch id")
    func templates() async throws {
        try await Scratch.with { scratch in
            let site = try Site(scratch, port: 9)
            for action in Self.actions {
                let template = try await tell(scratch, "template", action)
                #expect(template.code == 0, "\(template)")
                let blank = try scratch.write("\(action)-blank.csv", template.output)
                #expect(try await site.tool("check", [blank]).code == 30)
                let filled = template.output.replacing("batch=,", with: "batch=\(action)-1,")
                let path = try scratch.write("\(action).csv", filled)
                let check = try await site.tool("check", [path])
                #expect(check.code == 0, "\(action): \(check)")
            }
            let callback = try await tell(scratch, "template", "payoutInquiry")
            #expect(callback.code == 64)
        }
    }

    private static let banks =
        #"{"catalogType":"getBankCode","fetchedAt":"2026-11-21T10:00:00+08:00","#
        + #""entries":[{"code":"SEC","name":"Security Bank"},{"code":"UBP","name":"Union Bank"}]}"#

    private static func payouts(_ id: String, bank: String) -> String {
        let columns = [
            "controlNumber", "name", "phone", "amount", "bankNo", "accountNo", "withdrawChannel",
        ]
        let rows = [["SKY9900000001", "SEC"], ["SKY9900000002", bank]].map {
            [$0[0], "\"Subok,Uno,Test\"", "09171234567", "100.00", $0[1], "0012345678", "5"]
        }
        return ActionBatch.csv(id, "payoutQueue", columns, rows, amount: "200.00")
    }

    @Test("A bank that the kept list does not have is refused with the nearest name, now and later")
    func lists() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            _ = try await site.run()
            let list = site.root + "/state/catalogs/getBankCode.json"
            try Scratch.put(Self.banks, at: list)
            try site.drop("bank.csv", Self.payouts("BANK-1", bank: "SCE"))
            let codes = try await site.runUntil("bank.csv.final.json")
            #expect(codes.first == 10)
            let ack = try site.response("bank.csv.ack.json")
            let fault = ack["faults"]?.arrayValue?.first
            #expect(ack["verdict"] == "partial" && fault?["field"] == "bankNo")
            #expect(
                fault?["message"]?.stringValue?.contains("did you mean SEC (Security Bank)?")
                    == true)
            #expect(try sandbox.ledger().map(\.controlNumber) == ["SKY9900000001"])

            // The list changes, and everything the ledger knows is made again from the log: the
            // verdict is the one that was given.
            try Scratch.put(Self.banks.replacing("SEC", with: "XXX"), at: list)
            for name in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(
                    atPath: site.root + "/state/ledger.sqlite" + name)
            }
            #expect(try await site.run().code == 10)
            #expect(try sandbox.requests("payoutQueue") == 1)
            let used = try FileManager.default.contentsOfDirectory(
                atPath: site.root + "/state/catalogs"
            ).filter { $0.hasPrefix("used-") }
            #expect(used.count == 1)
        }
    }
}
