import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// HTTP/1.1 over async-http-client. Nothing is ever sent twice: connection attempts are not
/// repeated (`retryConnectionEstablishment`), redirects are not followed, and the library has no
/// other retry; a pooled connection that the server closed fails the request it was given. TLS
/// certificates are verified, always, and nothing older than TLS 1.2 is spoken.
public final class HTTPTransport: Transport {
    /// The longest answer taken, in bytes.
    public static let maxAnswerBytes = 16 * 1024 * 1024
    /// How long an unused connection is kept, in seconds: less than servers and the network
    /// between usually do, so that a request seldom meets a connection being closed.
    public static let idleSeconds: Int64 = 4

    private let client: HTTPClient

    /// A transport of its own connections.
    /// - Parameters:
    ///   - requestsInFlight: connections to one host at most.
    ///   - connectTimeoutSeconds: how long an attempt to connect may go on that nobody waits for
    ///     any more; `post` has its own.
    ///   - extraTrustRootsFile: PEM certificates trusted besides the system's; nil for none.
    public init(
        requestsInFlight: Int = 64, connectTimeoutSeconds: Int64 = 10,
        extraTrustRootsFile: String? = nil
    ) {
        var tls = TLSConfiguration.makeClientConfiguration()
        // The library's own default still takes 1.0.
        tls.minimumTLSVersion = .tlsv12
        if let extraTrustRootsFile {
            tls.additionalTrustRoots = [.file(extraTrustRootsFile)]
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow, decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(connectTimeoutSeconds)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            max(1, requestsInFlight)
        configuration.connectionPool.idleTimeout = .seconds(Self.idleSeconds)
        client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes every connection. Call once, when no request is under way.
    public func shutdown() async {
        // Failing to close a connection that nobody will use again loses nothing.
        try? await client.shutdown()
    }

    /// See `Transport`.
    public func post(
        _ body: String, to url: String, connectTimeoutSeconds: Int, answerTimeoutSeconds: Int
    ) async -> TransportOutcome {
        let gate = BodyGate(body)
        return await withTaskGroup(of: TransportOutcome?.self) { group in
            group.addTask { await self.exchange(gate, url) }
            group.addTask {
                await Self.watch(
                    gate, connectSeconds: connectTimeoutSeconds,
                    answerSeconds: answerTimeoutSeconds)
            }
            // The watcher ends with nil only when it was cancelled, so with the caller.
            for await case let outcome? in group {
                group.cancelAll()
                return outcome
            }
            return Self.failure(gate, "cancelled")
        }
    }

    private func exchange(_ gate: BodyGate, _ url: String) async -> TransportOutcome {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "text/plain")
        request.body = .stream(gate, length: .known(gate.length))
        do {
            // The watcher keeps the deadline; this one only bounds what it leaves behind.
            let response = try await client.execute(request, deadline: .distantFuture)
            let buffer = try await response.body.collect(upTo: Self.maxAnswerBytes)
            // A cancelled stream ends early without an error: its body is not to be believed.
            guard !Task.isCancelled else { return Self.failure(gate, "cancelled") }
            return .response(
                status: Int(response.status.code), body: Array(buffer.readableBytesView))
        } catch {
            return Self.failure(gate, Self.describe(error))
        }
    }

    /// Keeps both deadlines; nil when cancelled because the exchange ended first.
    private static func watch(
        _ gate: BodyGate, connectSeconds: Int, answerSeconds: Int
    ) async -> TransportOutcome? {
        let first = min(connectSeconds, answerSeconds)
        do {
            try await Task.sleep(for: .seconds(first))
            if gate.close() {
                return .certainlyNotSent(reason: "no connection within \(first) s")
            }
            try await Task.sleep(for: .seconds(answerSeconds - first))
        } catch {
            return nil
        }
        return .unknown(reason: "no answer within \(answerSeconds) s")
    }

    private static func failure(_ gate: BodyGate, _ reason: String) -> TransportOutcome {
        gate.close() ? .certainlyNotSent(reason: reason) : .unknown(reason: reason)
    }

    /// The library's errors in words; they carry hosts and ports, never a body.
    private static func describe(_ error: any Error) -> String {
        switch error {
        case is NIOTooManyBytesError: "the answer is longer than \(maxAnswerBytes) bytes"
        case let error as HTTPClientError: error.shortDescription
        case is CancellationError: "cancelled"
        default: String(describing: error)
        }
    }
}
