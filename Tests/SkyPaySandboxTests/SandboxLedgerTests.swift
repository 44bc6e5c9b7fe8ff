import Foundation
import Locks
import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

/// A clock that only tests move.
final class ManualClock: Sendable {
    private let seconds = Locked<Int64>(1_795_235_578)

    func advance(_ by: Int64) { seconds.withLock { $0 += by } }

    var reading: @Sendable () -> Int64 {
        { [self] in seconds.withLock { $0 * 1_000_000 } }
    }
}

@Suite("The sandbox's ledger")
struct SandboxLedgerTests {
    @Test("It survives a restart, a torn last line included")
    func restart() async throws {
        let folder = try TemporaryFolder()
        var settings = SandboxSettings()
        settings.stateFolder = folder.path
        settings.failAccountSuffix = "999"
        try await Counterparts.run(settings) { both in
            #expect(await both.pay(payout()).word == "answered 1000")
            #expect(
                await both.pay(payout("SKY9912345679", account: "09171234999")).word
                    == "answered 1000")
        }
        let path = folder.path + "/ledger.jsonl"
        let before = try Data(contentsOf: URL(filePath: path))
        try (before + Data("{\"event\":\"appl".utf8)).write(to: URL(filePath: path))
        settings.balance = .zero
        try await Counterparts.run(settings) { both in
            let after = try Data(contentsOf: URL(filePath: path))
            #expect(after == before)
            #expect(await both.record("SKY9912345678") == "1 1 completed")
            #expect(await both.record("SKY9912345679") == "1 1 failed")
            #expect(await both.server.ledger()["balance"] == "998500.00")
            #expect(await both.pay(payout()).word == "answered -1008")
        }
    }

    @Test("Two sandboxes do not share a ledger; a damaged one is not used")
    func exclusive() async throws {
        let folder = try TemporaryFolder()
        var settings = SandboxSettings()
        settings.stateFolder = folder.path
        try await Counterparts.run(settings) { _ in
            #expect(throws: SandboxError.self) { _ = try SkyPaySandboxServer(settings) }
        }
        try Data("{}\n".utf8).write(to: URL(filePath: folder.path + "/ledger.jsonl"))
        #expect(throws: SandboxError.self) { try SkyPaySandboxServer(settings) }
    }

    @Test(
        "A sandbox that has stopped leaves its ledger to the next, though somebody still holds it")
    func handover() async throws {
        let folder = try TemporaryFolder()
        var settings = SandboxSettings()
        settings.stateFolder = folder.path
        let first = try SkyPaySandboxServer(settings)
        _ = try await first.start()
        await first.stop()
        let second = try await Counterparts.opened(settings)
        await second.stop()
        #expect(await first.ledger()["balance"] == "1000000.00")
    }

    @Test("A payout is pending until its time, then completed or failed; a failed one pays back")
    func settling() async throws {
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        settings.settleSeconds = 60
        settings.failControlPattern = "9$"
        try await Counterparts.run(settings) { both in
            #expect(await both.pay(payout("SKY9912345678")).word == "answered 1000")
            #expect(await both.pay(payout("SKY9912345679")).word == "answered 1000")
            #expect(await both.record("SKY9912345678") == "1 1 pending")
            #expect(await both.server.ledger()["balance"] == "997000.00")
            clock.advance(59)
            #expect(await both.record("SKY9912345679") == "1 1 pending")
            clock.advance(1)
            #expect(await both.record("SKY9912345678") == "1 1 completed")
            #expect(await both.record("SKY9912345679") == "1 1 failed")
            #expect(await both.server.ledger()["balance"] == "998500.00")
        }
    }

    @Test("Results come as callback files, encrypted or plain", arguments: [false, true])
    func callbackFiles(_ plain: Bool) async throws {
        let folder = try TemporaryFolder()
        var settings = SandboxSettings()
        settings.callbackFolder = folder.path
        settings.plainCallbacks = plain
        settings.failControlPattern = "9$"
        try await Counterparts.run(settings) { both in
            _ = await both.pay(payout("SKY9912345678"))
            _ = await both.pay(payout("SKY9912345679"))
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count == 2)
        var types: [PayType] = []
        for name in names {
            let data = try Data(contentsOf: URL(filePath: folder.path + "/" + name))
            #expect((data.first == UInt8(ascii: "{")) == plain)
            let json = try Callback.open(Array(data), settings.credentials)
            let object = try #require(try JSONValue(parsing: json).objectValue)
            #expect(Callback.credentialsMatch(object, settings.credentials))
            guard case .payoutQueuePayout(let result) = try Callback.parse(object) else { continue }
            types.append(result.payType)
        }
        #expect(types == [.paid, .failed])
    }

    @Test("Callbacks that would go nowhere are noticed at the start")
    func noFolder() throws {
        var settings = SandboxSettings()
        settings.callbackFolder = "/nonexistent/callbacks"
        #expect(throws: SandboxError.self) { try SkyPaySandboxServer(settings) }
    }

    @Test("Admin calls: health, requests, faults, and a rule that is none")
    func admin() async throws {
        try await Counterparts.run { both in
            let health = try await both.admin("GET", "/sandbox/health")
            #expect(health == "{\"status\":\"ok\"}\n")
            _ = try await both.admin("POST", "/sandbox/faults", #"["payoutQueue:code:-1009"]"#)
            #expect(await both.pay(payout()).word == "answered -1009")
            let requests = try await both.admin("GET", "/sandbox/requests")
            #expect(requests == "{\"payoutQueue\":1}\n")
            await #expect(throws: SandboxError.self) {
                try await both.admin("POST", "/sandbox/faults", #"["payoutQueue:x"]"#)
            }
        }
    }

    @Test(
        "A fault rule that cannot be read is refused",
        arguments: [
            "", "payoutQueue", ":drop-before", "payoutQueue:drop", "payoutQueue:code",
            "payoutQueue:code:abc", "payoutQueue:drop-before:0", "payoutQueue:drop-before:nth=0",
            "payoutQueue:drop-before:3:foo=1", "payoutQueue:drop-before:x",
            // What would never act: an action nobody has, a fault the action cannot meet.
            "payoutQeue:drop-before", "payoutInquiry:drop-before", "balanceQuery:stale",
            "payoutQueue:missing", "payoutQueue:again", "*:again", "payoutQueuePayout:code:-1009",
            "payoutQueuePayout:stale",
        ])
    func faultSyntax(_ text: String) {
        #expect(throws: SandboxError.self) { try FaultRule(parsing: text) }
    }
}
