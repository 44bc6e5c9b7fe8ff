import Glibc

/// One admin call to a sandbox on this machine, for the tool: HTTP/1.1, one connection, blocking.
public enum AdminCall {
    /// Sends a request to 127.0.0.1 and returns the answer's body.
    /// - Throws: `SandboxError` when nobody listens or the answer is not HTTP 200.
    public static func send(
        _ method: String, _ path: String, port: Int, body: String = ""
    ) throws(SandboxError) -> String {
        let descriptor = try connection(port)
        defer { close(descriptor) }
        let request =
            "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
        var rest = Array(request.utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard sent > 0 else { throw failure(port, "the connection broke") }
            rest = rest.dropFirst(sent)
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let received = read(descriptor, &buffer, buffer.count)
            guard received >= 0 else { throw failure(port, "the connection broke") }
            if received == 0 { break }
            answer += buffer[..<received]
        }
        return try bodyOf(answer, port)
    }

    private static func bodyOf(_ answer: [UInt8], _ port: Int) throws(SandboxError) -> String {
        let blank = Array("\r\n\r\n".utf8)
        let end = answer.indices.dropLast(3).first { answer[$0..<($0 + 4)].elementsEqual(blank) }
        guard let end else { throw failure(port, "the answer is cut") }
        let body = String(decoding: answer[(end + 4)...], as: UTF8.self)
        guard answer.starts(with: Array("HTTP/1.1 200".utf8)) else { throw failure(port, body) }
        return body
    }

    private static func connection(_ port: Int) throws(SandboxError) -> Int32 {
        guard let number = UInt16(exactly: port), number > 0 else {
            throw SandboxError(code: .usage, message: "\(port) is no port; use 1 to 65535")
        }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw failure(port, "no socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            close(descriptor)
            throw failure(port, "nobody listens; start skypay-sandbox serve")
        }
        return descriptor
    }

    private static func failure(_ port: Int, _ reason: String) -> SandboxError {
        SandboxError(code: .server, message: "127.0.0.1:\(port): \(reason)")
    }
}
