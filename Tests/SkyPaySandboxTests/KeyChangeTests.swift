import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

@Suite("The sandbox's key change")
struct KeyChangeTests {
    private func word(_ both: Counterparts, _ key: String) async -> String {
        let demo = SandboxSettings.demoCredentials
        let client = SkyPayClient(
            url: "http://127.0.0.1:\(both.port)/services",
            credentials: SkyPayCredentials(
                callerName: demo.callerName, userName: demo.userName,
                authentication: demo.authentication, passwordKey: key),
            transport: both.transport, connectTimeoutSeconds: 300, answerTimeoutSeconds: 300)
        return await client.send(client.prepare(.balanceQuery, fields: [:])).word
    }

    @Test("Until its time only the old key works, then only the new one, also after a restart")
    func change() async throws {
        let clock = ManualClock()
        let folder = try TemporaryFolder()
        let callbacks = try TemporaryFolder()
        var settings = SandboxSettings()
        settings.clock = clock.reading
        settings.stateFolder = folder.path
        settings.callbackFolder = callbacks.path
        let old = settings.credentials.passwordKey
        try await Counterparts.run(settings) { both in
            let body = #"{"passwordKey":"TESTKEY000000002","afterSeconds":300}"#
            _ = try await both.admin("POST", "/sandbox/password-key", body)
            #expect(await word(both, old) == "answered 1000")
            #expect(await word(both, "TESTKEY000000002") == "answered -1000")
            clock.advance(300)
            #expect(await word(both, old) == "answered -1000")
            #expect(await word(both, "TESTKEY000000002") == "answered 1000")
            _ = try await both.admin(
                "POST", "/sandbox/notify", #"{"statementType":1,"amount":"1.00"}"#)
        }
        try await Counterparts.run(settings) { both in
            #expect(await word(both, old) == "answered -1000")
            #expect(await word(both, "TESTKEY000000002") == "answered 1000")
            await #expect(throws: SandboxError.self) {
                try await both.admin("POST", "/sandbox/password-key", "{}")
            }
        }
        let name = "financeNotification-D-20261121-001-SKY99.txt"
        let text = try SandboxFiles.read("\(callbacks.path)/\(name)")
        #expect(throws: EnvelopeError.self) { try Envelope(passwordKey: old).open(text) }
        #expect(!(try Envelope(passwordKey: "TESTKEY000000002").open(text)).isEmpty)
    }
}
