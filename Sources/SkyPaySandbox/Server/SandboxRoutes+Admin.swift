import Hummingbird
import OrderedJSON
import SkyPay

/// The admin calls, under `/sandbox/`.
extension SandboxRoutes {
    /// The answer to an admin call; nil when there is none of this path.
    func administer(_ request: Request) async throws -> Response? {
        switch (request.method, request.uri.path) {
        case (.get, "/sandbox/health"): return json(["status": "ok"])
        case (.get, "/sandbox/ledger"): return json(await sandbox.ledgerJSON)
        case (.get, "/sandbox/requests"): return json(await sandbox.requestsJSON)
        case (.delete, "/sandbox/faults"):
            await sandbox.removeFaults()
            return json(["status": "ok"])
        case (.post, let path) where Self.orders.contains(path):
            return await order(path, try await bytes(of: request))
        default: return nil
        }
    }

    private static let orders: Set<String> = [
        "/sandbox/faults", "/sandbox/latency", "/sandbox/pick-up", "/sandbox/collected",
        "/sandbox/counter-paid", "/sandbox/notify", "/sandbox/password-key",
    ]

    private func order(_ path: String, _ body: [UInt8]) async -> Response {
        do {
            let value = try JSONValue(parsing: body)
            return json(try await obey(path, value))
        } catch {
            return json(["error": .string("\(error)")], .badRequest)
        }
    }

    private func obey(_ path: String, _ value: JSONValue) async throws -> JSONValue {
        func text(_ name: String) -> String { value[name]?.scalarText ?? "" }
        switch path {
        case "/sandbox/faults":
            // A rule as text, "payoutQueue:drop-after:3", or {"rule": …}, or an array of them.
            let texts = (value.arrayValue ?? [value]).map { $0["rule"] ?? $0 }
            let rules = try texts.map { try FaultRule(parsing: $0.stringValue ?? "") }
            await sandbox.addFaults(rules)
            return ["status": "ok", "added": .number(String(rules.count))]
        case "/sandbox/latency":
            guard let milliseconds = Int64(text("milliseconds")) else {
                throw SandboxError(code: .usage, message: "milliseconds must be a number")
            }
            await sandbox.setLatency(milliseconds: milliseconds)
        case "/sandbox/password-key":
            let seconds = value["afterSeconds"]?.scalarText ?? "0"
            guard let seconds = Int64(seconds) else {
                throw SandboxError(code: .usage, message: "afterSeconds must be a number")
            }
            try await sandbox.changeKey(to: text("passwordKey"), afterSeconds: seconds)
        case "/sandbox/pick-up": try await sandbox.pickUp(text("controlNumber"))
        case "/sandbox/collected": try await sandbox.collected(value.objectValue ?? [:])
        case "/sandbox/counter-paid": try await sandbox.counterPaid(value.objectValue ?? [:])
        default:
            guard let type = Int(text("statementType")), let amount = Amount(wire: text("amount"))
            else {
                throw SandboxError(
                    code: .usage, message: "statementType 1 to 6 and an amount like 500.00")
            }
            let reference = try await sandbox.notify(type, amount)
            return ["status": "ok", "referenceNumber": .string(reference)]
        }
        return ["status": "ok"]
    }
}
