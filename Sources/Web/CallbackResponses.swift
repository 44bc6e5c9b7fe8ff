import BatchRunner
import Hummingbird
import NIOCore

/// Request → bytes → the door's reply → response. One message a connection: a callback is rare, and a
/// connection that is kept could be closed under the next one.
struct CallbackResponses: Sendable {
    let door: CallbackDoor

    /// Answers one request. Any path is taken, since a partner may give SkyPay one for each callback;
    /// the message itself says what it is.
    func respond(to request: Request, on channel: any Channel) async -> Response {
        guard request.method == .post else {
            var refusal = text(.methodNotAllowed, "callbacks are posted\n")
            refusal.headers[.allow] = "POST"
            return finish(refusal, channel)
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: ConnectionLimits.maxBodyBytes)
        } catch {
            let limit = ConnectionLimits.maxBodyBytes
            return finish(
                text(.contentTooLarge, "a callback has at most \(limit) bytes\n"), channel)
        }
        RequestDeadline.allow(ConnectionLimits.answerSeconds, on: channel)
        let address = channel.remoteAddress?.ipAddress ?? "unknown"
        let reply = await door.take(Array(body.readableBytesView), from: address)
        return finish(response(to: reply), channel)
    }

    private func response(to reply: CallbackReply) -> Response {
        switch reply {
        case .answer(let bytes, let isEncrypted):
            response(.ok, isEncrypted ? "text/plain" : "application/json", bytes)
        case .refused: text(.badRequest, "not a callback that can be read\n")
        case .unavailable:
            // Deliberately without a code of SkyPay's: nothing was taken.
            text(.serviceUnavailable, "not now; deliver it again\n")
        }
    }

    private func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        response(status, "text/plain", Array(text.utf8))
    }

    private func response(
        _ status: HTTPResponse.Status, _ type: String, _ bytes: [UInt8]
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .connection: "close"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private func finish(_ response: Response, _ channel: any Channel) -> Response {
        RequestDeadline.allow(ConnectionLimits.lingerSeconds, on: channel)
        return response
    }
}
