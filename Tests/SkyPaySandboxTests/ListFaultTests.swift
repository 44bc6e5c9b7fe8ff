import Foundation
import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

@Suite("Lists, callbacks and seeds with faults")
struct ListFaultTests {
    private static let numbers: JSONObject = [
        "controlNumbers": [
            ["controlNumber": "SKY9912345671"], ["controlNumber": "SKY9912345672"],
        ]
    ]

    private func statuses(_ both: Counterparts) async -> [String] {
        let answer = await both.ask("payoutQueryStatus", Self.numbers)
        return (answer["result"]?.arrayValue ?? []).map { row in
            let number = row["controlNumber"]?.stringValue?.last.map(String.init) ?? "?"
            return number + ":" + (row["status"]?.stringValue ?? "?")
        }
    }

    @Test(
        "A query lacks rows, has them twice, or tells an earlier stage; once",
        arguments: [
            ("missing", []), ("missing:control=SKY9912345671", ["2:2"]),
            ("doubled", ["1:1", "2:2", "1:1", "2:2"]), ("stale", ["1:0", "2:0"]),
            ("stale:control=SKY9912345671", ["1:0", "2:2"]),
        ])
    func query(_ rule: String, _ expected: [String]) async throws {
        try await Counterparts.run { both in
            #expect(await both.pay(payout("SKY9912345671")).word == "answered 1000")
            #expect(await both.code("payoutQueueV2", storePayout("SKY9912345672")) == "1000")
            await both.server.addFaults([try FaultRule(parsing: "payoutQueryStatus:" + rule)])
            #expect(await statuses(both) == expected)
            #expect(await statuses(both) == ["1:1", "2:2"])
        }
    }

    @Test(
        "A stale row of a payout that is over shows it at the store, without its times",
        arguments: [true, false])
    func stale(_ isCancelled: Bool) async throws {
        try await Counterparts.run { both in
            let number = "SKY9912345671"
            #expect(await both.code("payoutQueueV2", storePayout(number)) == "1000")
            if isCancelled {
                let order: JSONObject = ["controlNumbers": [["controlNumber": .string(number)]]]
                #expect(await both.code("cancelPayout", order) == "1000")
            } else {
                let body = #"{"controlNumber":"SKY9912345671"}"#
                _ = try await both.admin("POST", "/sandbox/pick-up", body)
            }
            await both.server.addFaults([try FaultRule(parsing: "payoutQueryStatus:stale")])
            let row = await both.status(number)
            #expect(row["status"] == "2")
            #expect(row["payTime"] == "")
            #expect(row["cancelTime"] == "")
            #expect(await both.short(number) == (isCancelled ? "3 cancelled" : "1"))
        }
    }

    @Test("Reports, notifications and catalogs lack their rows too")
    func others() async throws {
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        try await Counterparts.run(settings) { both in
            #expect(await both.pay(payout("SKY9912345671")).word == "answered 1000")
            #expect(await both.pay(payout("SKY9912345672")).word == "answered 1000")
            await both.server.addFaults([
                try FaultRule(parsing: "getReportPayout:missing:control=SKY9912345671"),
                try FaultRule(parsing: "getCatalog:missing"),
            ])
            let report: JSONObject = [
                "startDate": "2026-11-21", "endDate": "2026-11-21", "dateType": "CreateDate",
                "pagination": 1, "pageSize": 100,
            ]
            #expect(
                await both.ask("getReportPayout", report)["result"]?.arrayValue?.count == 1)
            await both.server.addFaults([try FaultRule(parsing: "getReportPayout:missing")])
            #expect(await both.ask("getReportPayout", report)["result"] == [])
            let catalog: JSONObject = ["catalogType": "getBankCode", "versionDate": ""]
            #expect(await both.ask("getCatalog", catalog)["result"] == [])
            #expect(await both.ask("getCatalog", catalog)["result"] != [])
        }
    }

    @Test(
        "A callback is lost, spoilt, late or comes again",
        arguments: [
            ("drop-before", 0, 0), ("garbled", 1, 0), ("truncated", 1, 0), ("again:delay=1", 2, 2),
            ("odd", 1, 1),
            ("slow:delay=1", 1, 1),
        ])
    func callbacks(_ rule: String, _ files: Int, _ readable: Int) async throws {
        let folder = try TemporaryFolder()
        var settings = SandboxSettings()
        settings.callbackFolder = folder.path
        settings.faults = [try FaultRule(parsing: "payoutQueuePayout:" + rule)]
        func names() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.path)
        }
        try await Counterparts.run(settings) { both in
            #expect(await both.pay(payout("SKY9912345671")).word == "answered 1000")
            // Another request is answered slowly, so that what is late has come meanwhile.
            await both.server.addFaults([try FaultRule(parsing: "balanceQuery:slow:delay=2")])
            #expect(await both.code("balanceQuery") == "1000")
        }
        #expect(try names().count == files)
        var opened = 0
        for name in try names() {
            let bytes = try SandboxFiles.read(folder.path + "/" + name)
            guard let json = try? Callback.open(bytes, settings.credentials),
                let object = try? JSONValue(parsing: json).objectValue
            else { continue }
            _ = try Callback.parse(object)
            opened += 1
        }
        #expect(opened == readable)
    }

    @Test("Answers in every other form mean the same to the runner's client")
    func odd() async throws {
        try await Counterparts.run { both in
            await both.server.addFaults([try FaultRule(parsing: "*:odd:9")])
            #expect(await both.pay(payout("SKY9912345671")).word == "answered 1000")
            #expect(await both.code("payoutQueueV2", storePayout("SKY9912345672")) == "")
            let odd = await both.client.queryStatus(["SKY9912345671", "SKY9912345672"])
            guard case .balance(let balance) = await both.client.balance() else {
                Issue.record("no balance")
                return
            }
            #expect(balance == "997000.00")
            await both.server.removeFaults()
            let plain = await both.client.queryStatus(["SKY9912345671", "SKY9912345672"])
            guard case .rows(let oddRows) = odd, case .rows(let rows) = plain else {
                Issue.record("no rows: \(odd)")
                return
            }
            #expect(oddRows.map(\.controlNumber) == rows.map(\.controlNumber))
            #expect(oddRows.map(\.status) == rows.map(\.status))
            #expect(oddRows.map(\.cancelTime) == rows.map(\.cancelTime))
            let times = oddRows.map { $0.payTime.flatMap(PhilippineTime.unixMicroseconds(wire:)) }
            #expect(
                times == rows.map { $0.payTime.flatMap(PhilippineTime.unixMicroseconds(wire:)) })
        }
    }

    @Test("A seed brings the same faults to the same requests, another seed others")
    func seeds() async throws {
        func sights(_ seed: UInt64) async throws -> [String] {
            var settings = SandboxSettings()
            settings.randomFaults = RandomFaults(seed: seed, percent: 60, delaySeconds: 0)
            var sights: [String] = []
            try await Counterparts.run(settings) { both in
                for _ in 0..<40 { sights.append(await both.sight("balanceQuery", [:])) }
            }
            return sights
        }
        let first = try await sights(7)
        #expect(first == (try await sights(7)))
        #expect(first != (try await sights(8)))
        #expect(first.filter { $0 == "good" }.count > 8)
        #expect(Set(first).count >= 4)
    }

    @Test("A seed loses, spoils and repeats callbacks too, the same ones each time")
    func seededCallbacks() async throws {
        func delivered(_ seed: UInt64) async throws -> [String: [UInt8]] {
            let folder = try TemporaryFolder()
            var settings = SandboxSettings()
            settings.clock = ManualClock().reading
            settings.callbackFolder = folder.path
            settings.randomFaults = RandomFaults(seed: seed, percent: 60, delaySeconds: 0)
            try await Counterparts.run(settings) { both in
                for _ in 1...20 {
                    let body = #"{"statementType":1,"amount":"1.00"}"#
                    _ = try await both.admin("POST", "/sandbox/notify", body)
                }
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            return try names.reduce(into: [:]) { files, name in
                files[name] = try SandboxFiles.read(folder.path + "/" + name)
            }
        }
        let first = try await delivered(7)
        #expect(first == (try await delivered(7)))
        #expect(first != (try await delivered(8)))
        let (again, once) = (
            first.keys.filter { $0.hasSuffix("-2.txt") },
            first.filter { !$0.key.hasSuffix("-2.txt") }
        )
        #expect(!again.isEmpty && once.count < 20, "repeated and lost")
        let envelope = Envelope(passwordKey: SandboxSettings.demoCredentials.passwordKey)
        let readable = once.values.count { (try? envelope.open($0)) != nil }
        #expect((8..<once.count).contains(readable), "spoilt")
    }

    @Test("A seed refuses payouts for want of funds and for their number, and nothing else so")
    func seededRefusals() async throws {
        func codes(_ action: String, _ fields: (Int) -> JSONObject) async throws -> Set<String> {
            var settings = SandboxSettings()
            settings.randomFaults = RandomFaults(seed: 7, percent: 100, delaySeconds: 0)
            var sights: Set<String> = []
            try await Counterparts.run(settings) { both in
                for index in 100...299 {
                    sights.insert(await both.sight(action, fields(index)))
                }
            }
            return sights
        }
        let payouts = try await codes("payoutQueue") { payout("SKY9912345\($0)", amount: "1.00") }
        #expect(payouts.isSuperset(of: ["-1009", "-1016", "-1028", "-9999", "HTTP 503"]))
        let others = try await codes("balanceQuery") { _ in [:] }
        #expect(others.isDisjoint(with: ["-1016", "-1028"]))
    }

    @Test("Latency can be changed while it runs; no answer comes sooner")
    func latency() async throws {
        try await Counterparts.run { both in
            _ = try await both.admin("POST", "/sandbox/latency", #"{"milliseconds":"300"}"#)
            let began = ContinuousClock.now
            #expect(await both.code("balanceQuery") == "1000")
            #expect(ContinuousClock.now - began >= .milliseconds(300))
            await #expect(throws: SandboxError.self) {
                try await both.admin("POST", "/sandbox/latency", #"{"milliseconds":"x"}"#)
            }
        }
    }
}
