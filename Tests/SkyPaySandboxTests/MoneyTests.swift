import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

@Suite("Transfers, bar codes, notifications and limits")
struct MoneyTests {
    private static func transfer(_ amount: String, to: String = "SKY98") -> JSONObject {
        ["transferFrom": "SKY99", "transferTo": .string(to), "amount": .number(amount)]
    }

    @Test("A transfer moves the balance every time, and notifies both accounts")
    func transfer() async throws {
        let folder = try TemporaryFolder()
        var settings = SandboxSettings()
        settings.callbackFolder = folder.path
        settings.plainCallbacks = true
        try await Counterparts.run(settings) { both in
            #expect(await both.code("balanceTransfer", Self.transfer("1000")) == "1000")
            #expect(await both.code("balanceTransfer", Self.transfer("0.5")) == "1000")
            #expect(await both.balance == "998999.50")
            #expect(await both.code("balanceTransfer", Self.transfer("998999.51")) == "-1016")
            #expect(
                await both.code("balanceTransfer", Self.transfer("1", to: "SKY97")) == "-1009")
            #expect(
                await both.code("balanceTransfer", Self.transfer("1", to: "SKY99")) == "-1009")
            for text in ["0", "-1", "1.001", "1e3"] {
                #expect(
                    await both.code("balanceTransfer", Self.transfer(text)) == "-1011",
                    "\(text)")
            }
            let orders = await both.server.ledger()["orders"]?.arrayValue ?? []
            #expect(orders.count == 9)
            #expect(await both.balance == "998999.50")
        }
        let notices = try folder.callbacks()
        #expect(notices.count == 4)
        #expect(notices.allSatisfy { $0["statementType"] == "3" })
        let first = notices.prefix(2)
        #expect(Set(first.map { $0["referenceNumber"]?.stringValue }).count == 1)
        #expect(first.map { $0["accountNo"] } == ["SKY98", "SKY99"])
        #expect(first.map { $0["signType"] } == ["recharge", "reduce"])
    }

    @Test("Notifications of the days and types asked for; each parses as a callback does")
    func notifications() async throws {
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        try await Counterparts.run(settings) { both in
            for type in 1...6 {
                let body = #"{"statementType":\#(type),"amount":"10.00"}"#
                _ = try await both.admin("POST", "/sandbox/notify", body)
            }
            func ask(_ types: [JSONValue], _ day: String) async -> [JSONValue] {
                let answer = await both.ask(
                    "notificationInquiry",
                    [
                        "transctionDate": .string(day), "transEndDate": .string(day),
                        "statementTypes": .array(types),
                    ])
                return answer["notifications"]?.arrayValue ?? []
            }
            let all = await ask(["1", "2", "3", "4", "5", "6"], "2026-11-21")
            #expect(all.map { $0["statementType"]?.stringValue } == ["1", "2", "3", "4", "5", "6"])
            #expect(Set(all.map { $0["referenceNumber"]?.stringValue }).count == 6)
            for notice in all {
                let sent = SandboxCallback.financeNotification(
                    settings.credentials, notice.objectValue ?? [:])
                guard case .financeNotification = try Callback.parse(sent.objectValue ?? [:]) else {
                    Issue.record("no notification: \(notice)")
                    continue
                }
            }
            #expect(await ask(["2"], "2026-11-21").count == 1)
            #expect(await ask(["2"], "2026-11-22").isEmpty)
            #expect(await both.balance == "1000020.00")
            #expect(await both.server.ledger()["collectionBalance"] == "-20.00")
        }
    }

    @Test("A bar code stays the same for a day, and no two contracts share one")
    func barcodes() async throws {
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        try await Counterparts.run(settings) { both in
            func reference(_ number: String, _ amount: String = "1.00") async -> String {
                let fields: JSONObject = [
                    "contractNumber": .string(number), "name": "Reyes,Ana",
                    "phone": "09171234567", "amount": .string(amount),
                ]
                let answer = await both.ask("generate711Barcode", fields)
                return answer["referenceNumber"]?.stringValue ?? ""
            }
            let first = await reference("SKY9900000001")
            #expect(first == "9919-2940-0349")
            #expect(await reference("SKY9900000001") == first)
            #expect(await reference("SKY9900000002") != first)
            #expect(await reference("SKY9900000001", "2.00") != first)
            let newest = await reference("SKY9900000001", "2.00")
            clock.advance(86_400)
            #expect(await reference("SKY9900000001", "2.00") != newest)
        }
    }

    @Test("So many payouts a day to one account, and so much to one wallet")
    func perDay() async throws {
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        settings.transactionsPerDay = 2
        settings.walletLimitPerDay = Amount(centavos: 400_000)
        try await Counterparts.run(settings) { both in
            #expect(await both.pay(payout("SKY9912345671")).word == "answered 1000")
            #expect(
                await both.pay(payout("SKY9912345672", amount: "2500.01")).word
                    == "answered -1027")
            #expect(await both.pay(payout("SKY9912345672")).word == "answered 1000")
            #expect(
                await both.pay(payout("SKY9912345673", amount: "1.00")).word == "answered -1028")
            let other = payout("SKY9912345673", account: "09170000000")
            #expect(await both.pay(other).word == "answered 1000")
            clock.advance(86_400)
            #expect(await both.pay(payout("SKY9912345674")).word == "answered 1000")
        }
    }

    @Test("A day ends at midnight in Manila, not in Greenwich, and a restart does not end it")
    func midnight() async throws {
        let clock = ManualClock()
        let folder = try TemporaryFolder()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        settings.stateFolder = folder.path
        settings.transactionsPerDay = 1
        // It is 12:32:58; Greenwich begins a day at 08:00 of the next one.
        try await Counterparts.run(settings) { both in
            #expect(await both.pay(payout("SKY9912345671")).word == "answered 1000")
        }
        clock.advance(11 * 3600 + 27 * 60 + 1)
        try await Counterparts.run(settings) { both in
            #expect(await both.pay(payout("SKY9912345672")).word == "answered -1028")
            clock.advance(1)
            #expect(await both.pay(payout("SKY9912345672")).word == "answered 1000")
            clock.advance(8 * 3600)
            #expect(await both.pay(payout("SKY9912345673")).word == "answered -1028")
        }
    }

    @Test("Addresses that are not listed are turned away, with their request unread")
    func addresses() async throws {
        var settings = SandboxSettings()
        settings.allowedAddresses = ["192.0.2.1"]
        try await Counterparts.run(settings) { both in
            #expect(await both.pay(payout()).word == "answered -1032")
            #expect(await both.code("balanceQuery") == "-1032")
            #expect(await both.record("SKY9912345678") == "nothing")
        }
        settings.allowedAddresses = ["192.0.2.1", "127.0.0.1"]
        try await Counterparts.run(settings) { both in
            #expect(await both.pay(payout()).word == "answered 1000")
        }
    }

    @Test("The ledger keeps all of it across a restart")
    func restart() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        settings.settleSeconds = 60
        settings.stateFolder = folder.path
        var before: JSONValue = .null
        try await Counterparts.run(settings) { both in
            for number in ["SKY9912345671", "SKY9912345672", "SKY9912345673"] {
                #expect(await both.code("payoutQueueV2", storePayout(number)) == "1000")
            }
            clock.advance(60)
            #expect(await both.short("SKY9912345673") == "2")
            let order: JSONObject = ["controlNumbers": [["controlNumber": "SKY9912345671"]]]
            #expect(await both.code("cancelPayout", order) == "1000")
            #expect(
                await both.code(
                    "amendTransactionV2", amendment("SKY9912345672", name: "Reyes,Bea")) == "1000")
            #expect(await both.code("balanceTransfer", Self.transfer("1")) == "1000")
            let barcode: JSONObject = [
                "contractNumber": "SKY9900000001", "name": "Reyes,Ana", "phone": "09171234567",
                "amount": "250.00",
            ]
            #expect(await both.code("generate711Barcode", barcode) == "1000")
            let body = #"{"contractNumber":"SKY9900000001","amount":"250.00"}"#
            _ = try await both.admin("POST", "/sandbox/collected", body)
            before = await both.server.ledger()
        }
        try await Counterparts.run(settings) { both in
            #expect(await both.server.ledger() == before)
            #expect(await both.short("SKY9912345671") == "3")
            clock.advance(60)
            #expect(await both.short("SKY9912345671") == "3 cancelled")
            #expect(await both.short("SKY9912345673") == "2")
            let rows = await both.server.ledger()["payouts"]?.arrayValue ?? []
            #expect(rows.map { $0["name"] } == ["Reyes,Ana", "Reyes,Bea", "Reyes,Ana"])
        }
    }
}
