import NIOCore

/// What one connection may take. Anybody who can reach the port can try.
enum ConnectionLimits {
    /// Bytes of a callback's body at most; SkyPay's have a few hundred.
    static let maxBodyBytes = 65_536
    /// Bytes of one header field at most.
    static let maxHeaderFieldBytes = 8_192
    /// Bytes of all header fields at most.
    static let maxHeaderBytes = 16_384
    /// Header fields at most.
    static let maxHeaderFields = 64
    /// Open connections at most; further ones wait in the kernel's queue.
    static let maxConnections = 128
    /// A callback waits so long for its turn and for the disk, in seconds; then its connection is
    /// closed without an answer, and SkyPay delivers it again.
    static let answerSeconds: Int64 = 120
    /// How long an answered client may take to read and go away, in seconds.
    static let lingerSeconds: Int64 = 10
}

/// One connection's time: for the whole request, then for its answer, then for going away. A client
/// that sends a byte now and then is never idle, so the time is for the whole, not between bytes.
///
/// Used on its event loop only.
final class RequestDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let seconds: Int64
    private var end: Scheduled<Void>?

    /// - Parameter seconds: from connecting, the handshake of TLS included, to the last byte.
    init(seconds: Int64) { self.seconds = seconds }

    func handlerAdded(context: ChannelHandlerContext) { set(seconds, context.channel) }

    func handlerRemoved(context: ChannelHandlerContext) { end?.cancel() }

    private func set(_ seconds: Int64, _ channel: any Channel) {
        end?.cancel()
        end = channel.eventLoop.scheduleTask(in: .seconds(seconds)) { channel.close(promise: nil) }
    }

    /// Begins the next span of a connection's time; from anywhere.
    static func allow(_ seconds: Int64, on channel: any Channel) {
        channel.eventLoop.execute {
            // A connection that is gone has no handler any more.
            try? channel.pipeline.syncOperations.handler(type: RequestDeadline.self)
                .set(seconds, channel)
        }
    }
}
