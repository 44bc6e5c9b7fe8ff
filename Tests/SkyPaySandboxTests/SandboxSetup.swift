import Foundation
import OrderedJSON
import SkyPay
import SkyPaySandbox

/// A sandbox in this process with a client of it, over real HTTP.
struct Counterparts {
    let server: SkyPaySandboxServer
    let client: SkyPayClient
    let port: Int
    let transport: HTTPTransport

    init(_ settings: SandboxSettings = SandboxSettings()) async throws {
        server = try await Self.opened(settings)
        port = try await server.start()
        transport = HTTPTransport(requestsInFlight: 8, connectTimeoutSeconds: 300)
        client = SkyPayClient(
            url: "http://127.0.0.1:\(port)/services", credentials: settings.credentials,
            transport: transport, connectTimeoutSeconds: 300, answerTimeoutSeconds: 300)
    }

    /// A sandbox whose ledger another one has just left. A process that some other test is starting
    /// has every open file until it runs its program, the ledger's lock among them: that passes.
    static func opened(_ settings: SandboxSettings) async throws -> SkyPaySandboxServer {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            do {
                return try SkyPaySandboxServer(settings)
            } catch {
                guard error.message.contains("another sandbox uses") else { throw error }
                await Task.yield()
            }
        }
        return try SkyPaySandboxServer(settings)
    }

    /// How long a ledger in use is tried again.
    private static let patience = Duration.seconds(10)

    /// A client that waits one second for answers.
    var impatient: SkyPayClient {
        SkyPayClient(
            url: "http://127.0.0.1:\(port)/services",
            credentials: SandboxSettings.demoCredentials, transport: transport,
            connectTimeoutSeconds: 1, answerTimeoutSeconds: 1)
    }

    func stop() async {
        await transport.shutdown()
        await server.stop()
    }

    /// Runs a test and stops both, however it ends.
    static func run(
        _ settings: SandboxSettings = SandboxSettings(),
        _ test: (Counterparts) async throws -> Void
    ) async throws {
        let both = try await Counterparts(settings)
        do {
            try await test(both)
        } catch {
            await both.stop()
            throw error
        }
        await both.stop()
    }

    func pay(_ fields: JSONObject) async -> SendOutcome {
        await client.send(client.prepare(.payoutQueue, fields: fields))
    }

    /// What the provider says of a number: requests, applied, status.
    func record(_ controlNumber: String) async -> String {
        let rows = await server.ledger()["payouts"]?.arrayValue ?? []
        let row = rows.first { $0["controlNumber"]?.stringValue == controlNumber }
        guard let row else { return "nothing" }
        let parts = ["requests", "applied", "status"].map { row[$0]?.scalarText ?? "?" }
        return parts.joined(separator: " ")
    }
}

extension SendOutcome {
    /// `answered 1000`, `not sent` or `unknown`.
    var word: String {
        switch self {
        case .answered(let answer): "answered \(answer.code.rawValue)"
        case .certainlyNotSent: "not sent"
        case .unknown: "unknown"
        }
    }
}

/// A payout that nothing is wrong with.
func payout(
    _ controlNumber: String = "SKY9912345678", amount: String = "1500.00",
    account: String = "09171234567"
) -> JSONObject {
    [
        "sender": "Acme", "controlNumber": .string(controlNumber), "name": "Dela Cruz,Juan",
        "phone": "09171234567", "amount": .string(amount), "accountNo": .string(account),
        "withdrawChannel": "6",
    ]
}

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "skypay-sandbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
