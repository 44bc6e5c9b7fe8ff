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
            let body = try await bytes(of: request)
            if settings.latencyMilliseconds > 0 {
                try await Task.sleep(for: .milliseconds(settings.latencyMilliseconds))
            }
            return try await perform(await sandbox.handle(body), on: context.channel)
        case (.get, "/sandbox/health"): return json(["status": "ok"])
        case (.get, "/sandbox/ledger"): return json(await sandbox.ledgerJSON)
        case (.get, "/sandbox/requests"): return json(await sandbox.requestsJSON)
        case (.post, "/sandbox/faults"): return await addFaults(try await bytes(of: request))
        case (.delete, "/sandbox/faults"):
            await sandbox.removeFaults()
            return json(["status": "ok"])
        default: return text(.notFound, Array("no such path".utf8))
        }
    }

    private func bytes(of request: Request) async throws -> [UInt8] {
        Array(try await request.body.collect(upTo: Self.maxBodyBytes).readableBytesView)
    }

    private func perform(_ reply: SandboxReply, on channel: any Channel) async throws -> Response {
        switch reply {
        case .answer(let body): return text(.ok, body)
        case .http500: return text(.internalServerError, Array("internal error".utf8))
        case .drop:
            try? await channel.close().get()
            return text(.internalServerError, [])
        case .hang(let seconds):
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
            return text(.internalServerError, [])
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

    private func json(_ value: JSONValue, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.bytes() + [0x0A])))
    }

    /// A rule as text, `"payoutQueue:drop-after:3"`, or `{"rule": …}`, or an array of them.
    private func addFaults(_ body: [UInt8]) async -> Response {
        do {
            let value = try JSONValue(parsing: body)
            let texts = (value.arrayValue ?? [value]).map { $0["rule"] ?? $0 }
            var rules: [FaultRule] = []
            for text in texts { rules.append(try FaultRule(parsing: text.stringValue ?? "")) }
            await sandbox.addFaults(rules)
            return json(["status": "ok", "added": .number(String(rules.count))])
        } catch {
            return json(["error": .string("\(error)")], .badRequest)
        }
    }
}
