import Foundation
import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

@Suite("Payouts that wait at a store")
struct StorePayoutTests {
    private func settings(_ clock: ManualClock) -> SandboxSettings {
        var settings = SandboxSettings()
        settings.clock = clock.reading
        settings.settleSeconds = 60
        return settings
    }

    @Test("Pending, then at the store, then picked up after its time")
    func life() async throws {
        let clock = ManualClock()
        var settings = settings(clock)
        settings.pickUpSeconds = 3600
        try await Counterparts.run(settings) { both in
            let answer = await both.ask("payoutQueueV2", storePayout())
            #expect(answer["responseCode"] == "1000")
            #expect(answer["referenceNo"] == "")
            #expect(await both.short("SKY9912345678") == "0")
            clock.advance(60)
            let row = await both.status("SKY9912345678")
            #expect(row["status"] == "2")
            #expect(row["payTime"] == "")
            #expect(row["referenceNo"] == "ML012345678")
            #expect(row["traceNo"] == "TML012345678")
            clock.advance(3599)
            #expect(await both.short("SKY9912345678") == "2")
            clock.advance(1)
            #expect(await both.short("SKY9912345678") == "1")
            #expect(await both.balance == "998500.00")
            #expect(await both.code("payoutQueueV2", storePayout()) == "-1008")
        }
    }

    @Test("It waits for ever unless somebody comes for it; nobody comes twice")
    func pickUp() async throws {
        let clock = ManualClock()
        try await Counterparts.run(settings(clock)) { both in
            #expect(await both.code("payoutQueueV2", storePayout()) == "1000")
            let body = #"{"controlNumber":"SKY9912345678"}"#
            func pickUp() async throws {
                _ = try await both.admin("POST", "/sandbox/pick-up", body)
            }
            await #expect(throws: SandboxError.self) { try await pickUp() }
            clock.advance(86_400 * 30)
            #expect(await both.short("SKY9912345678") == "2")
            try await pickUp()
            #expect(await both.short("SKY9912345678") == "1")
            await #expect(throws: SandboxError.self) { try await pickUp() }
            #expect(await both.balance == "998500.00")
        }
    }

    @Test("A cancellation counts with its time only; the money comes back then")
    func cancel() async throws {
        let clock = ManualClock()
        var settings = settings(clock)
        settings.failCancelPattern = "9$"
        try await Counterparts.run(settings) { both in
            for number in ["SKY9912345678", "SKY9912345679"] {
                #expect(await both.code("payoutQueueV2", storePayout(number)) == "1000")
            }
            let numbers: JSONObject = [
                "controlNumbers": [
                    ["controlNumber": "SKY9912345678"], ["controlNumber": "SKY9912345679"],
                    ["controlNumber": "SKY9900000000"],
                ]
            ]
            #expect(await both.code("cancelPayout", numbers) == "-1009")
            clock.advance(60)
            #expect(await both.short("SKY9912345678") == "2")
            #expect(await both.code("cancelPayout", numbers) == "1000")
            #expect(await both.short("SKY9912345678") == "3")
            #expect(await both.balance == "997000.00")
            #expect(await both.code("cancelPayout", numbers) == "-1009")
            clock.advance(60)
            #expect(await both.short("SKY9912345678") == "3 cancelled")
            #expect(await both.short("SKY9912345679") == "2")
            #expect(await both.balance == "998500.00")
            #expect(await both.code("amendTransactionV2", amendment()) == "1000")
            clock.advance(60)
            #expect(await both.short("SKY9912345678") == "3 cancelled")
        }
    }

    @Test("Payouts to banks and wallets cannot be cancelled or amended")
    func notAtAStore() async throws {
        try await Counterparts.run { both in
            #expect(await both.pay(payout()).word == "answered 1000")
            let number: JSONObject = ["controlNumbers": [["controlNumber": "SKY9912345678"]]]
            #expect(await both.code("cancelPayout", number) == "-1009")
            #expect(await both.code("amendTransactionV2", amendment()) == "-1012")
            #expect(await both.short("SKY9912345678") == "1")
        }
    }

    struct AmendCase: Sendable, CustomTestStringConvertible {
        let channel: String
        let name: String
        let location: String
        let isMade: Bool
        var testDescription: String { "\(channel) \(name) \(location)" }
    }

    @Test(
        "An amendment is answered at once and reported later, 5 or 6",
        arguments: [
            AmendCase(channel: "1", name: "Reyes,Bea", location: "Maynila", isMade: true),
            AmendCase(channel: "1", name: "Reyes,Ana", location: "Cebu", isMade: true),
            AmendCase(channel: "2", name: "Reyes,Bea", location: "Maynila", isMade: true),
            AmendCase(channel: "2", name: "Reyes,Ana", location: "Cebu", isMade: false),
            AmendCase(channel: "13", name: "Reyes,Bea", location: "Cebu", isMade: false),
        ])
    func amend(_ item: AmendCase) async throws {
        let clock = ManualClock()
        let folder = try TemporaryFolder()
        var settings = settings(clock)
        settings.callbackFolder = folder.path
        settings.plainCallbacks = true
        try await Counterparts.run(settings) { both in
            let payout = storePayout(channel: item.channel)
            #expect(await both.code("payoutQueueV2", payout) == "1000")
            clock.advance(60)
            let amended = amendment(
                channel: item.channel, name: item.name, location: item.location)
            #expect(await both.code("amendTransactionV2", amended) == "1000")
            #expect(await both.code("amendTransactionV2", amended) == "-1009")
            clock.advance(60)
            #expect(await both.short("SKY9912345678") == "2")
            let row = await both.server.ledger()["payouts"]?.arrayValue?.first
            #expect(row?["name"]?.stringValue == (item.isMade ? item.name : "Reyes,Ana"))
        }
        let types = try folder.callbacks().map { $0["payType"]?.stringValue ?? "" }
        #expect(types == ["1", item.isMade ? "5" : "6"])
        let references = try folder.callbacks().map { $0["referenceNumber"]?.stringValue }
        let isNumbered = item.channel == "1"
        #expect(references == (isNumbered ? ["ML012345678", "ML112345678"] : [nil, nil]))
    }

    @Test("Every stage is reported once, in its order; a failed payout pays back")
    func reports() async throws {
        let folder = try TemporaryFolder()
        var settings = SandboxSettings()
        settings.callbackFolder = folder.path
        settings.plainCallbacks = true
        settings.pickUpSeconds = 0
        settings.failControlPattern = "9$"
        try await Counterparts.run(settings) { both in
            #expect(await both.code("payoutQueueV2", storePayout()) == "1000")
            let failing = storePayout("SKY9912345679")
            #expect(await both.code("payoutQueueV2", failing) == "1000")
            #expect(await both.short("SKY9912345679") == "4")
            #expect(await both.balance == "998500.00")
        }
        let types = try folder.callbacks().map { $0["payType"]?.stringValue ?? "" }
        #expect(types == ["1", "2", "4"])
    }
}

extension TemporaryFolder {
    /// Plain callbacks written here, in the order of their names.
    func callbacks() throws -> [JSONValue] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted().map { name in
            // Names with a number come after the one without.
            name.replacingOccurrences(of: ".json", with: "")
        }.sorted().map { name in
            let data = try Data(contentsOf: URL(filePath: "\(path)/\(name).json"))
            return try JSONValue(parsing: Array(data))
        }
    }
}
