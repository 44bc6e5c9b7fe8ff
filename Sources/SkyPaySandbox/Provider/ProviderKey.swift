import DurableFiles
import OrderedJSON
import SkyPay

/// The key of the envelope, and the one it is to be changed for (`skypay-api.md §1`, "A key
/// change"). From its time on only the new one opens requests and seals answers and callbacks.
/// Beside a ledger the change is kept in `password-key.json`, mode 0600, so that a restart does not
/// undo it.
struct ProviderKey {
    private let first: Envelope
    private var change: (envelope: Envelope, from: Int64)?
    private let path: String?

    /// Bytes of the file at most.
    private static let maxBytes = 4096

    init(_ settings: SandboxSettings) throws(SandboxError) {
        first = Envelope(passwordKey: settings.credentials.passwordKey)
        path = settings.stateFolder.map { $0 + "/password-key.json" }
        guard let path, DurableFiles.exists(path) else { return }
        guard let bytes = try? DurableFiles.read(path, limit: Self.maxBytes),
            let value = try? JSONValue(parsing: bytes),
            let key = value["passwordKey"]?.stringValue, let from = value["from"]?.integerValue
        else {
            throw SandboxError(code: .ledger, message: "\(path) is damaged; remove it")
        }
        change = (Envelope(passwordKey: key), Int64(from))
    }

    /// The envelope in force at a time, in microseconds since 1970.
    func envelope(at time: Int64) -> Envelope {
        guard let change, time >= change.from else { return first }
        return change.envelope
    }

    /// Another key from a time on.
    mutating func change(to key: String, from time: Int64) throws(SandboxError) {
        guard !key.isEmpty else {
            throw SandboxError(code: .usage, message: "passwordKey is missing")
        }
        if let path {
            let value: JSONValue = [
                "passwordKey": .string(key), "from": .number(String(time)),
            ]
            do {
                try DurableFiles.replace(path, value.bytes())
            } catch {
                throw SandboxError(code: .ledger, message: "the key cannot be kept: \(error)")
            }
        }
        change = (Envelope(passwordKey: key), time)
    }
}
