/// What became of one HTTP exchange, told by what it proves about the request.
public enum TransportOutcome: Sendable, Equatable {
    /// A whole response arrived.
    case response(status: Int, body: [UInt8])
    /// The request's body never left this machine.
    case certainlyNotSent(reason: String)
    /// Nobody knows whether the request was received.
    case unknown(reason: String)
}

/// The seam between this program and the network. One call, one request: an implementation never
/// repeats a request and never follows a redirect.
public protocol Transport: Sendable {
    /// Posts `body` as `text/plain` and waits for the whole response.
    /// - Parameters:
    ///   - connectTimeoutSeconds: for a connection to be ready for the body, name look-up and TLS
    ///     included.
    ///   - answerTimeoutSeconds: for everything, from the call to the response's last byte.
    func post(
        _ body: String, to url: String, connectTimeoutSeconds: Int, answerTimeoutSeconds: Int
    ) async -> TransportOutcome
}
