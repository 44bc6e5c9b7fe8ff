/// Where callbacks are listened for: `callbacks.listen` and what belongs to it.
public struct ListenSettings: Sendable, Equatable {
    /// A name or address of this machine; an IPv6 address without its brackets.
    public var host: String
    /// TCP port; 0 takes a free one, which `state/status.json` then tells.
    public var port: Int
    /// Paths of certificate chain and private key, PEM; nil for plain HTTP, on loopback only.
    public var tls: TLSFiles?
    /// Time for a whole request, from connecting to its last byte, in seconds.
    public var requestSeconds: Int

    /// Certificate chain and private key.
    public struct TLSFiles: Sendable, Equatable {
        /// PEM, the server's certificate first.
        public var certificate: String
        /// PEM; only the runner may read it.
        public var privateKey: String
    }

    /// `http://127.0.0.1:8443`, with the port in use.
    func address(port: Int) -> String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return "\(tls == nil ? "http" : "https")://\(shown):\(port)"
    }
}

/// Whatever listens for posted callbacks and hands them to the door. The runner knows no web
/// framework; the tool brings one.
public protocol CallbackListener: Sendable {
    /// Listens until `stop` is requested; then answers what is in flight and returns.
    /// - Parameter listening: told the port once it is open.
    /// - Throws: `CommandFailure` when it cannot listen.
    func listen(
        at settings: ListenSettings, door: CallbackDoor, until stop: StopRequest,
        listening: @escaping @Sendable (Int) -> Void
    ) async throws
}
