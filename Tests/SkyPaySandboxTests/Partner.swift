import Hummingbird
import Locks
import Logging
import NIOCore
import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

/// A partner's callback URL that answers what a test says, and remembers what came.
final class Partner: Sendable {
    private let seen = Locked<[JSONObject]>([])
    private let decide: @Sendable (_ action: String, _ fields: JSONObject) -> JSONObject

    private init(_ decide: @escaping @Sendable (String, JSONObject) -> JSONObject) {
        self.decide = decide
    }

    /// Every message so far, in the order of arrival.
    var messages: [JSONObject] { seen.withLock { $0 } }

    /// The actions of every message so far.
    var actions: [String] { messages.map { $0["action"]?.stringValue ?? "" } }

    /// Runs a test beside a partner whose answers carry these fields.
    static func run(
        answering decide:
            @escaping @Sendable (_ action: String, _ fields: JSONObject) -> JSONObject,
        _ test: (_ partner: Partner, _ url: String) async throws -> Void
    ) async throws {
        let partner = Partner(decide)
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                var request = request
                let buffer = try await request.collectBody(upTo: 65_536)
                let answer = try partner.answer(Array(buffer.readableBytesView))
                return Response(
                    status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: answer)))
            },
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                if let number = channel.localAddress?.port { port.yield(number) }
            },
            logger: Logger(label: "partner") { _ in SwiftLogNoOpLogHandler() })
        let server = Task { try await application.run() }
        defer { server.cancel() }
        let number = try #require(await ports.first { _ in true })
        try await test(partner, "http://127.0.0.1:\(number)/skypay")
    }

    private func answer(_ body: [UInt8]) throws -> String {
        let envelope = Envelope(passwordKey: SandboxSettings.demoCredentials.passwordKey)
        let fields = try JSONValue(parsing: try envelope.open(body)).objectValue ?? [:]
        seen.withLock { $0.append(fields) }
        let answer = decide(fields["action"]?.stringValue ?? "", fields)
        return envelope.seal(JSONValue.object(answer).bytes())
    }
}
