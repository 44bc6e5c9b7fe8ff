import Hummingbird
import NIOCore
import OrderedJSON
import SkyPay

/// Performs what the sandbox decides: `POST /services/{callerName}` and the admin calls.
struct SandboxRoutes: Sendable {
    /// Bytes of a request's body at most.
    static let maxBodyBytes = 1024 * 1024

    let sandbox: Sandbox
    let settings: SandboxSettings

    func respond(to request: Request, _ context: ChannelContext) async throws -> Response {
        let path = request.uri.path
        switch (request.method, path) {
        case (.post, "/services/" + settings.credentials.callerName):
            guard Self.isPlainText(request.headers[.contentType]) else {
                return text(.unsupportedMediaType, Array("Content-Type: text/plain".utf8))
            }
            let body = try await bytes(of: request)
            let latency = await sandbox.latencyMilliseconds
            if latency > 0 { try await Task.sleep(for: .milliseconds(latency)) }
            let address = context.channel.remoteAddress?.ipAddress
            return try await perform(
                await sandbox.handle(body, from: address), on: context.channel)
        default:
            return try await administer(request)
                ?? text(.notFound, Array("no such path".utf8))
        }
    }

    /// `text/plain`, perhaps with a character set (`skypay-api.md §1`).
    private static func isPlainText(_ type: String?) -> Bool {
        type?.split(separator: ";").first?.lowercased() == "text/plain"
    }

    func bytes(of request: Request) async throws -> [UInt8] {
        Array(try await request.body.collect(upTo: Self.maxBodyBytes).readableBytesView)
    }

    private func perform(_ reply: SandboxReply, on channel: any Channel) async throws -> Response {
        switch reply {
        case .answer(let body, let seconds):
            if seconds > 0 { try await Task.sleep(for: .seconds(seconds)) }
            return text(.ok, body)
        case .status(let status):
            return text(HTTPResponse.Status(code: status), Array("<html>\(status)</html>".utf8))
        case .drop:
            try? await channel.close().get()
            return text(.internalServerError, [])
        case .hang(let seconds):
            await hang(channel, seconds)
            return text(.internalServerError, [])
        case .drip(let body, let seconds): return drip(body, seconds, channel)
        case .truncated(let body):
            let half = ByteBuffer(bytes: body.prefix(body.count / 2))
            return Response(
                status: .ok, headers: [.contentType: "text/plain"],
                body: ResponseBody(contentLength: body.count) { writer in
                    try await writer.write(half)
                    try? await channel.close().get()
                })
        }
    }

    private func text(_ status: HTTPResponse.Status, _ body: [UInt8]) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    func json(_ value: JSONValue, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.bytes() + [0x0A])))
    }

    /// Nothing happens until the time is over or the client goes; then the connection closes.
    private func hang(_ channel: any Channel, _ seconds: Int64) async {
        // Without half-closure the client's going away closes the channel at once.
        try? await channel.setOption(.allowRemoteHalfClosure, value: false).get()
        let end = channel.eventLoop.scheduleTask(in: .seconds(seconds)) {
            channel.close(promise: nil)
        }
        await withTaskCancellationHandler {
            try? await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
        end.cancel()
    }

    /// The whole answer, a byte at a time, evenly over the seconds.
    private func drip(_ body: [UInt8], _ seconds: Int64, _ channel: any Channel) -> Response {
        let pause = Duration.seconds(seconds) / max(1, body.count)
        return Response(
            status: .ok, headers: [.contentType: "text/plain"],
            body: ResponseBody(contentLength: body.count) { writer in
                for byte in body {
                    try await writer.write(ByteBuffer(bytes: [byte]))
                    try await Task.sleep(for: pause)
                }
                try await writer.finish(nil)
            })
    }
}
