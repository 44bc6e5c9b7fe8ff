import Hummingbird
import Logging
import NIOCore
import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

/// A partner's callback URL: takes one POST and gives its body on.
private func withPartner(
    _ test: (_ url: String, _ bodies: AsyncStream<[UInt8]>) async throws -> Void
) async throws {
    let (bodies, body) = AsyncStream<[UInt8]>.makeStream()
    let (ports, port) = AsyncStream<Int>.makeStream()
    let application = Application(
        responder: CallbackResponder<BasicRequestContext> { request, _ in
            var request = request
            let buffer = try await request.collectBody(upTo: 65_536)
            body.yield(Array(buffer.readableBytesView))
            return Response(status: .ok)
        },
        configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { channel in
            if let number = channel.localAddress?.port { port.yield(number) }
        },
        logger: Logger(label: "partner") { _ in SwiftLogNoOpLogHandler() })
    let server = Task { try await application.run() }
    defer { server.cancel() }
    let number = try #require(await ports.first { _ in true })
    try await test("http://127.0.0.1:\(number)/skypay", bodies)
}

@Suite("Callbacks over HTTP")
struct HTTPCallbackTests {
    @Test("A paid payout is posted to the partner, encrypted under the partner's key")
    func posted() async throws {
        try await withPartner { url, bodies in
            var settings = SandboxSettings()
            settings.callbackURL = url
            try await Counterparts.run(settings) { both in
                #expect(await both.pay(payout()).word == "answered 1000")
                let body = try #require(await bodies.first { _ in true })
                let text = try Callback.open(body, settings.credentials)
                let object = try #require(try JSONValue(parsing: text).objectValue)
                #expect(Callback.credentialsMatch(object, settings.credentials))
                guard case .payoutQueuePayout(let result) = try Callback.parse(object) else {
                    Issue.record("another callback was posted")
                    return
                }
                #expect(result.controlNumber == "SKY9912345678")
                #expect(result.payType == .paid)
            }
        }
    }
}
