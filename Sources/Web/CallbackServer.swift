public import BatchRunner
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// Takes SkyPay's callbacks over HTTP or TLS (`skypay-api.md §3`) and hands them to the runner's door.
/// Holds no state and decides nothing.
public struct CallbackServer: CallbackListener {
    /// A server that does not listen yet.
    public init() {}

    /// Listens until `stop` is requested, then answers what is in flight and returns.
    /// - Throws: `CommandFailure` when address or certificate cannot be used.
    public func listen(
        at settings: ListenSettings, door: CallbackDoor, until stop: StopRequest,
        listening: @escaping @Sendable (Int) -> Void
    ) async throws {
        let responses = CallbackResponses(door: door)
        let silent = Logger(label: "callbacks") { _ in SwiftLogNoOpLogHandler() }
        let application = Application(
            responder: CallbackResponder<ConnectionContext> { request, context in
                await responses.respond(to: request, on: context.channel)
            },
            server: try Self.server(settings),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    ConnectionLimits.maxConnections)),
            onServerRunning: { listening($0.localAddress?.port ?? settings.port) },
            logger: silent)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: application)], logger: silent))
        let watch = Task {
            while !stop.isRequested, !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(Self.lookMilliseconds))
            }
            await group.triggerGracefulShutdown()
        }
        defer { watch.cancel() }
        do {
            try await group.run()
        } catch {
            throw CommandFailure(
                .providerUnavailable,
                "cannot listen for callbacks at \(settings.host):\(settings.port): \(error); free "
                    + "the port or change callbacks.listen")
        }
    }

    private static func server(_ settings: ListenSettings) throws -> HTTPServerBuilder {
        let seconds = Int64(settings.requestSeconds)
        let plain = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [RequestDeadline(seconds: seconds)],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: ConnectionLimits.maxHeaderFieldBytes,
                    maxHeaderListSize: ConnectionLimits.maxHeaderBytes,
                    maxHeaderFieldCount: ConnectionLimits.maxHeaderFields)))
        guard let files = settings.tls else { return plain }
        do {
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map {
                    .certificate($0)
                },
                privateKey: .privateKey(
                    try NIOSSLPrivateKey(file: files.privateKey, format: .pem)))
            tls.minimumTLSVersion = .tlsv12
            return try .tls(plain, tlsConfiguration: tls)
        } catch {
            throw CommandFailure(
                .providerUnavailable,
                "callbacks.tlsCertificateFile or tlsPrivateKeyFile cannot be used: \(error); both "
                    + "are PEM files that belong together")
        }
    }

    /// How often a stop is looked for, in milliseconds.
    private static let lookMilliseconds = 100
}

/// A request's context: its connection.
struct ConnectionContext: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
}
