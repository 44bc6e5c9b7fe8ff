import Foundation
import Glibc
import Locks

/// A TCP server on 127.0.0.1 that reads HTTP requests and does with each exactly what its script
/// says: to see what a client does when a provider misbehaves.
final class ScriptedServer: Sendable {
    /// What to do with one request.
    enum Step: Sendable {
        /// Send these bytes and keep the connection.
        case send(String)
        /// Send these bytes and close.
        case sendAndClose(String)
        /// Close without a byte.
        case close
        /// Say nothing until the client goes.
        case silence
    }

    struct Seen: Sendable {
        var connections = 0
        var bodies: [String] = []
    }

    let port: UInt16
    private let listener: Int32
    private let script: @Sendable (Int) -> Step
    private let state = Locked(Seen())

    /// Serves until `stop`; the script gets the request's number, from 0.
    init(_ script: @escaping @Sendable (Int) -> Step) throws {
        self.script = script
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Glibc.bind(listener, generic, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        guard bound else { throw Broken() }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 { break }
                state.withLock { $0.connections += 1 }
                Thread.detachNewThread { self.serve(connection) }
            }
            // Only here: a number given back earlier could be another server's by now.
            close(listener)
        }
    }

    struct Broken: Error {}

    var seen: Seen { state.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(port)/services/demo" }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var buffer: [UInt8] = []
        while let body = request(connection, &buffer) {
            let number = state.withLock { state in
                state.bodies.append(body)
                return state.bodies.count - 1
            }
            switch script(number) {
            case .send(let text): send(text, connection)
            case .sendAndClose(let text):
                send(text, connection)
                return
            case .close: return
            case .silence: while receive(connection, &buffer) {}
            }
        }
    }

    private func request(_ connection: Int32, _ buffer: inout [UInt8]) -> String? {
        while true {
            let text = String(decoding: buffer, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = text[..<end.lowerBound].lowercased()
                let length =
                    head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) } ?? 0
                let body = text[end.upperBound...]
                if body.utf8.count >= length {
                    buffer = Array(body.utf8.dropFirst(length))
                    return String(body.utf8.prefix(length)) ?? ""
                }
            }
            guard receive(connection, &buffer) else { return nil }
        }
    }

    private func receive(_ connection: Int32, _ buffer: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(connection, &chunk, chunk.count)
        guard count > 0 else { return false }
        buffer += chunk[..<count]
        return true
    }

    private func send(_ text: String, _ connection: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

extension String {
    /// A whole HTTP response.
    static func response(_ status: String, _ body: String, headers: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
    }
}
