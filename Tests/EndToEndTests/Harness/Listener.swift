import Foundation
import Glibc
import OrderedJSON

/// A daemon that takes posted callbacks, spoken to over plain sockets.
struct Listener: Sendable {
    let site: Site
    let daemon: Child
    let port: Int

    /// What came back on a connection.
    struct Answer: Sendable {
        /// Nil when the connection ended without an answer.
        var status: Int?
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// The configuration of a listener on a free port; a TLS one with the files of `certificate`.
    static func section(port: Int = 0, tls: Bool = false, requestSeconds: Int = 60) -> String {
        var lines = "callbacks:\n  listen: 127.0.0.1:\(port)\n"
        lines += "  requestTimeoutSeconds: \(requestSeconds)\n"
        guard tls else { return lines }
        return lines + "  tlsCertificateFile: cert.pem\n  tlsPrivateKeyFile: key.pem\n"
    }

    /// Starts a daemon on a site whose configuration listens, and waits until it does.
    static func start(_ site: Site, failPoint: String? = nil) async throws -> Listener {
        let daemon = try site.daemon(failPoint: failPoint)
        let port = try await eventually("the daemon listens") { () -> Int? in
            if let ended = daemon.result { throw HarnessFailure("daemon: \(ended)") }
            let facts = try? JSONValue(parsing: site.bytes("state/status.json"))
            // One that a killed daemon left names another process.
            guard facts?["pid"]?.integerValue == Int(daemon.pid) else { return nil }
            return facts?["callbacks"]?["port"]?.integerValue
        }
        return Listener(site: site, daemon: daemon, port: port)
    }

    /// Makes `cert.pem` and `key.pem` for 127.0.0.1 in the site; the certificate's path.
    static func certify(_ site: Site) async throws -> String {
        let made = try await site.scratch.run(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout", site.root + "/key.pem", "-out",
                site.root + "/cert.pem", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                "subjectAltName=IP:127.0.0.1",
            ])
        guard made.code == 0 else { throw HarnessFailure("openssl: \(made.errors)") }
        chmod(site.root + "/key.pem", 0o600)
        return site.root + "/cert.pem"
    }

    /// Posts a body.
    func post(_ body: String) throws -> Answer {
        try exchange(
            "POST /skypay HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
                + "Connection: close\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n" + body)
    }

    /// Sends bytes on a new connection and reads until the other side ends it.
    func exchange(_ request: String) throws -> Answer {
        let connection = try open()
        defer { close(connection) }
        send(request, on: connection)
        return receive(connection)
    }

    /// A new connection.
    func open() throws -> Int32 {
        let descriptor = try Loopback.connect(port)
        var patience = timeval(tv_sec: 90, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        return descriptor
    }

    /// Sends what it can: the other side may have closed.
    func send(_ text: String, on connection: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }

    /// Reads to the end of the connection.
    func receive(_ connection: Int32) -> Answer {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let got = read(connection, &buffer, buffer.count), got > 0 {
            bytes += buffer[..<got]
        }
        let blank = Data(bytes).range(of: Data("\r\n\r\n".utf8))
        let line = String(decoding: bytes.prefix { $0 != 0x0D }, as: UTF8.self)
        let status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return Answer(status: status, body: blank.map { Array(bytes[$0.upperBound...]) } ?? [])
    }

    /// Asks it to stop and waits for its end.
    func stop() async throws -> Ended {
        daemon.send(SIGTERM)
        return try await daemon.end()
    }
}

/// Callbacks as SkyPay writes them, field by field, so that they rest on nothing of the program's.
enum Message {
    static func plain(
        _ action: String, _ fields: JSONObject, authentication: String = Secrets.authentication
    ) -> String {
        var object: JSONObject = [
            "userName": "DemoApp@skypay", "action": .string(action),
            "authentication": .string(authentication),
        ]
        object.members += fields.members
        return JSONValue.object(object).text()
    }

    /// Encrypted by the sandbox's tool.
    static func sealed(_ scratch: Scratch, _ text: String) async throws -> String {
        try await tool(scratch, "seal", text)
    }

    /// What the sandbox's tool makes of an encrypted answer.
    static func opened(_ scratch: Scratch, _ text: String) async throws -> JSONValue {
        try JSONValue(parsing: Array(try await tool(scratch, "open", text).utf8))
    }

    private static func tool(
        _ scratch: Scratch, _ command: String, _ text: String
    ) async throws -> String {
        let input = try scratch.write(command + "-\(UUID().uuidString)", text)
        let done = try await scratch.run(Binaries.sandbox, [command], input: input)
        guard done.code == 0 else { throw HarnessFailure("\(command): \(done.errors)") }
        return done.output
    }
}
