import Foundation
import Glibc
import OrderedJSON

/// A running SkyPay sandbox, seen through its admin calls.
struct Sandbox: Sendable {
    let child: Child
    let port: Int

    /// One control number in the provider's ledger.
    struct Payout {
        var controlNumber: String
        var amount: String?
        var applied: Int
        var requests: Int
        /// SHA-256 of every body that arrived, in hexadecimal.
        var bodies: [String]
    }

    /// Starts a sandbox with its ledger in the scratch folder and waits until it listens.
    static func start(
        _ scratch: Scratch, port: Int = 0, _ arguments: [String] = []
    ) async throws -> Sandbox {
        let ready = scratch.folder + "/port"
        try? FileManager.default.removeItem(atPath: ready)
        let child = try scratch.start(
            Binaries.sandbox,
            ["serve", "--port", String(port), "--ready-file", ready] + arguments)
        let found = try await eventually("the sandbox listens") { () -> Int? in
            if let ended = child.result { throw HarnessFailure("sandbox: \(ended.errors)") }
            return FileManager.default.contents(atPath: ready).flatMap { data in
                Int(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines))
            }
        }
        return Sandbox(child: child, port: found)
    }

    func stop() async throws {
        child.send(SIGTERM)
        _ = try await child.end()
    }

    func ledger() throws -> [Payout] {
        let value = try call("GET", "/sandbox/ledger")
        return try (value["payouts"]?.arrayValue ?? []).map { entry in
            guard let number = entry["controlNumber"]?.stringValue,
                let applied = entry["applied"]?.integerValue,
                let requests = entry["requests"]?.integerValue
            else { throw HarnessFailure("cannot read the sandbox's ledger: \(entry)") }
            return Payout(
                controlNumber: number, amount: entry["amount"]?.stringValue, applied: applied,
                requests: requests,
                bodies: (entry["bodies"]?.arrayValue ?? []).compactMap(\.stringValue))
        }
    }

    /// Requests of one action so far.
    func requests(_ action: String) throws -> Int {
        try call("GET", "/sandbox/requests")[action]?.integerValue ?? 0
    }

    func fault(_ rules: String...) throws {
        let body = JSONValue.array(rules.map { .string($0) }).text()
        _ = try call("POST", "/sandbox/faults", body)
    }

    /// Money that came, and its notification: statementType 1 is a top-up.
    func notify(_ statementType: Int, _ amount: String) throws {
        let type = JSONValue.number(String(statementType))
        let body: JSONValue = ["statementType": type, "amount": .string(amount)]
        _ = try call("POST", "/sandbox/notify", body.text())
    }

    /// A payer paid at a counter, and the partner confirmed it.
    func collected(_ fields: [String: String]) throws {
        try tell("/sandbox/collected", fields)
    }

    /// A store paid out what the partner had answered for.
    func counterPaid(_ fields: [String: String]) throws {
        try tell("/sandbox/counter-paid", fields)
    }

    private func tell(_ path: String, _ fields: [String: String]) throws {
        let members = fields.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
        _ = try call("POST", path, JSONValue.object(JSONObject(members)).text())
    }

    func clearFaults() throws { _ = try call("DELETE", "/sandbox/faults") }

    /// One HTTP/1.1 call to this machine.
    private func call(_ method: String, _ path: String, _ body: String = "") throws -> JSONValue {
        let descriptor = try Loopback.connect(port)
        defer { close(descriptor) }
        let head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        let request = Array((head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body).utf8)
        guard write(descriptor, request, request.count) == request.count else {
            throw HarnessFailure("cannot send \(path) to the sandbox")
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let got = read(descriptor, &buffer, buffer.count), got > 0 {
            answer += buffer[..<got]
        }
        let blank = Data(answer).range(of: Data("\r\n\r\n".utf8))
        guard let blank, answer.starts(with: Array("HTTP/1.1 200".utf8)) else {
            throw HarnessFailure("\(path): \(String(decoding: answer, as: UTF8.self))")
        }
        return try JSONValue(parsing: Array(answer[blank.upperBound...]))
    }
}
