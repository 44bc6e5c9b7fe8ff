import Locks
import NIOCore

/// Hands a request's body to the connection at most once, and can be closed before that.
///
/// The proof behind `certainlyNotSent`: the HTTP client asks for the body only after it has a
/// connection (TLS included) and wrote the head. Whoever closes the gate first has therefore
/// settled, whatever the client does afterwards, that no byte of the body can leave.
final class BodyGate: AsyncSequence, Sendable {
    private enum State {
        case ready
        case handedOver
        case closed
    }

    private let state = Locked(State.ready)
    private let body: ByteBuffer

    init(_ body: String) { self.body = ByteBuffer(string: body) }

    /// Length of the body in bytes.
    var length: Int64 { Int64(body.readableBytes) }

    /// Closes the gate; true when the body has not been handed over and never will be.
    func close() -> Bool {
        state.withLock { state in
            if state == .ready { state = .closed }
            return state == .closed
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(gate: self) }

    struct Iterator: AsyncIteratorProtocol {
        let gate: BodyGate

        mutating func next() async throws -> ByteBuffer? {
            let answer = gate.state.withLock { state -> State in
                defer { if state == .ready { state = .handedOver } }
                return state
            }
            switch answer {
            case .ready: return gate.body
            case .handedOver: return nil
            case .closed: throw CancellationError()
            }
        }
    }
}
