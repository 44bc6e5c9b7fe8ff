import Foundation
import SkyPay
import Testing

/// `openssl s_server` with a certificate made for the occasion. It reads, and never answers.
final class TLSServer {
    static let openssl = "/usr/bin/openssl"
    static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: openssl) }

    let folder: URL
    let port: UInt16
    private let process = Process()

    var certificate: String { folder.appending(path: "cert.pem").path }
    var url: String { "https://127.0.0.1:\(port)/services/demo" }

    /// - Parameter options: more words for `s_server`.
    init(options: String = "") throws {
        // A free port: taken for a moment, then given back.
        let reserved = try ScriptedServer { _ in .close }
        port = reserved.port
        reserved.stop()
        folder = FileManager.default.temporaryDirectory
            .appending(path: "skypay-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let script =
            "\(Self.openssl) req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            + " -keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1"
            + " -addext subjectAltName=IP:127.0.0.1"
            + " && exec \(Self.openssl) s_server -accept 127.0.0.1:\(port)"
            + " -cert cert.pem -key key.pem \(options)"
        process.executableURL = URL(filePath: "/bin/sh")
        process.currentDirectoryURL = folder
        process.standardInput = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.arguments = ["-c", script]
        try process.run()
    }

    func stop() {
        // s_server inherits a mask that blocks SIGTERM.
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }
}

@Suite("TLS", .enabled(if: TLSServer.isAvailable, "needs the openssl command"))
struct TLSTests {
    /// Attempts until the server listens, at most; one takes a few milliseconds.
    static let maxAttempts = 20_000

    /// Why nothing was sent once the server listens: the first reason that names one of these faults.
    private static func refusal(_ server: TLSServer, naming faults: [String]) async -> String {
        let strict = HTTPTransport()
        var reason = ""
        for _ in 0..<maxAttempts where !faults.contains(where: { reason.contains($0) }) {
            let outcome = await strict.post(
                "body", to: server.url, connectTimeoutSeconds: 10, answerTimeoutSeconds: 10)
            guard case .certainlyNotSent(let text) = outcome else {
                Issue.record("\(outcome)")
                break
            }
            reason = text
        }
        await strict.shutdown()
        return reason
    }

    @Test("A certificate nobody vouches for is certainly not sent; a trusted one is sent")
    func trust() async throws {
        let server = try TLSServer()
        defer { server.stop() }
        let reason = await Self.refusal(server, naming: ["CERTIFICATE_VERIFY_FAILED"])
        #expect(reason.contains("CERTIFICATE_VERIFY_FAILED"))
        let trusting = HTTPTransport(extraTrustRootsFile: server.certificate)
        let sent = await trusting.post(
            "body", to: server.url, connectTimeoutSeconds: 2, answerTimeoutSeconds: 3)
        await trusting.shutdown()
        guard case .unknown = sent else {
            Issue.record("\(sent)")
            return
        }
    }

    @Test("With a server that speaks no more than TLS 1.1 it does not come to its certificate")
    func oldProtocol() async throws {
        // Security level 0: openssl itself would not speak it otherwise.
        let server = try TLSServer(options: "-tls1_1 -cipher ALL:@SECLEVEL=0")
        defer { server.stop() }
        let reason = await Self.refusal(server, naming: ["PROTOCOL", "CERTIFICATE_VERIFY_FAILED"])
        #expect(reason.contains("PROTOCOL"), "\(reason)")
    }
}
