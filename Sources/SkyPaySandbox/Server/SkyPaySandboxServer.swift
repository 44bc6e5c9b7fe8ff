import Glibc
import Hummingbird
import Logging
import NIOCore
public import OrderedJSON
import Locks
import SkyPay

/// SkyPay on this machine: an HTTP server on 127.0.0.1, for tests and the demo.
public final class SkyPaySandboxServer: Sendable {
    private let sandbox: Sandbox
    private let transport: HTTPTransport
    private let settings: SandboxSettings
    private let running = Locked<[Task<Void, Never>]>([])

    /// How often what has become due is looked for though nobody asks, in milliseconds.
    static let tickMilliseconds = 200

    /// A sandbox that does not listen yet. Reads its ledger, when it has one.
    /// - Throws: `SandboxError` when the settings or the ledger cannot be used.
    public init(_ settings: SandboxSettings) throws(SandboxError) {
        self.settings = settings
        transport = HTTPTransport(extraTrustRootsFile: settings.callbackTrustFile)
        do {
            sandbox = try Sandbox(settings, transport: transport)
        } catch {
            let transport = transport
            Task { await transport.shutdown() }
            throw error
        }
    }

    /// Starts to listen on 127.0.0.1 and returns the port; 0 takes a free one.
    /// - Throws: `SandboxError` when the port is taken.
    public func start(port: Int = 0) async throws(SandboxError) -> Int {
        let (ports, found) = AsyncStream<Result<Int, SandboxError>>.makeStream()
        let routes = SandboxRoutes(sandbox: sandbox, settings: settings)
        let application = Application(
            responder: CallbackResponder<ChannelContext> { request, context in
                try await routes.respond(to: request, context)
            },
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: port), serverName: nil),
            onServerRunning: { channel in
                guard let port = channel.localAddress?.port else { return }
                found.yield(.success(port))
            },
            logger: Logger(label: "skypay-sandbox") { _ in SwiftLogNoOpLogHandler() })
        let task = Task {
            do {
                try await application.run()
            } catch {
                let isTaken = (error as? IOError)?.errnoCode == EADDRINUSE
                let reason = isTaken ? "the port is taken; 0 finds a free one" : "\(error)"
                let message = "cannot listen on 127.0.0.1:\(port): \(reason)"
                found.yield(.failure(SandboxError(code: .server, message: message)))
            }
            found.finish()
        }
        let ticks = Task { [sandbox] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(Self.tickMilliseconds))
                await sandbox.tick()
            }
        }
        running.withLock { $0 = [task, ticks] }
        for await result in ports { return try result.get() }
        throw SandboxError(code: .server, message: "the server stopped while it started")
    }

    /// Closes every connection and stops to listen. The ledger is durable at every answer, so
    /// nothing needs to be flushed.
    public func stop() async {
        let tasks = running.withLock { running in
            defer { running = [] }
            return running
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        await sandbox.close()
        await transport.shutdown()
    }

    /// `GET /sandbox/ledger`, in process.
    public func ledger() async -> JSONValue { await sandbox.ledgerJSON }

    /// `GET /sandbox/requests`, in process: requests by action.
    public func requests() async -> JSONValue { await sandbox.requestsJSON }

    /// `POST /sandbox/faults`, in process.
    public func addFaults(_ rules: [FaultRule]) async { await sandbox.addFaults(rules) }

    /// `DELETE /sandbox/faults`, in process.
    public func removeFaults() async { await sandbox.removeFaults() }
}

/// A request's context: its connection, so that faults can close it.
struct ChannelContext: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
}
