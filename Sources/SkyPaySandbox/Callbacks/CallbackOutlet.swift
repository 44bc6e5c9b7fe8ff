import DurableFiles
import Locks
import OrderedJSON
import SkyPay
import Synchronization

/// Delivers callbacks wherever the settings say: to a URL each, as files, or nowhere. One that
/// cannot be delivered is lost, as SkyPay publishes no retry: the partner has to ask.
final class CallbackOutlet: Sendable {
    private let settings: SandboxSettings
    private let transport: any Transport
    /// The last delivery about a number: what concerns one number arrives in its order.
    private let last = Locked<[String: (id: Int, task: Task<Void, Never>)]>([:])
    private let ids = Atomic<Int>(0)

    /// How long a partner has to answer a callback, in seconds.
    static let answerTimeoutSeconds = 30
    /// How long a connection to a partner may take, in seconds.
    static let connectTimeoutSeconds = 10

    init(_ settings: SandboxSettings, _ transport: any Transport) {
        self.settings = settings
        self.transport = transport
    }

    /// Whether callbacks go anywhere.
    var isOpen: Bool {
        settings.callbackFolder != nil || settings.callbackURL != nil
            || !settings.callbackURLs.isEmpty
    }

    /// Delivers a message about a number, as a fault has it.
    func deliver(
        _ message: JSONValue, key: String, sealedBy envelope: Envelope, _ fault: FaultRule?
    ) {
        let action = message["action"]?.stringValue ?? ""
        let isOdd = fault?.kind == .odd
        let json = (isOdd ? OddWriting.answer(message) : message).bytes()
        let whole = Array(envelope.seal(json).utf8)
        let sealed = isOdd ? OddWriting.broken(whole) : whole
        let text = Self.spoilt(sealed, fault)
        let file = settings.plainCallbacks ? Self.spoilt(json, fault) : text
        guard let text, let file else { return }
        post(text, file, action, key, delaySeconds: Self.delay(fault, of: .slow))
        guard fault?.kind == .again else { return }
        post(text, file, action, key, delaySeconds: Self.delay(fault, of: .again))
    }

    private static func delay(_ fault: FaultRule?, of kind: FaultRule.Kind) -> Int64 {
        guard let fault, fault.kind == kind else { return 0 }
        return fault.delaySeconds
    }

    /// What a fault leaves of a message; nil when nothing.
    private static func spoilt(_ message: [UInt8], _ fault: FaultRule?) -> [UInt8]? {
        switch fault?.kind {
        case nil, .slow, .again, .odd: message
        case .garbled, .garbledBefore: Sandbox.garbled(message)
        case .truncated, .truncatedBefore: Array(message.prefix(message.count / 2))
        default: nil
        }
    }

    private func post(
        _ text: [UInt8], _ file: [UInt8], _ action: String, _ key: String, delaySeconds: Int64
    ) {
        let url = settings.callbackURLs[action] ?? settings.callbackURL
        if delaySeconds == 0 { write(file, action, key) }
        guard url != nil || delaySeconds > 0 else { return }
        let id = ids.add(1, ordering: .relaxed).newValue
        last.withLock { last in
            // A late one does not hold up those that come after it.
            let before = delaySeconds == 0 ? last[key]?.task : nil
            let task = Task {
                await before?.value
                if delaySeconds > 0 {
                    try? await Task.sleep(for: .seconds(delaySeconds))
                    write(file, action, key)
                }
                if let url {
                    _ = await transport.post(
                        String(decoding: text, as: UTF8.self), to: url,
                        connectTimeoutSeconds: Self.connectTimeoutSeconds,
                        answerTimeoutSeconds: Self.answerTimeoutSeconds)
                }
                forget(key, id)
            }
            if delaySeconds == 0 { last[key] = (id, task) }
        }
    }

    private func forget(_ key: String, _ id: Int) {
        last.withLock { last in
            if last[key]?.id == id { last[key] = nil }
        }
    }

    private func write(_ bytes: [UInt8], _ action: String, _ key: String) {
        guard let folder = settings.callbackFolder else { return }
        _ = try? CallbackFolder(path: folder).write(
            bytes, action: action, key: key, isPlain: settings.plainCallbacks)
    }
}

/// A folder into which callbacks are written as files.
struct CallbackFolder: Sendable {
    let path: String

    /// Files of one name at most; more would be a mistake somewhere.
    static let maxSameName = 10_000

    /// Writes `ACTION-KEY.txt`, or `.json`, or with `-2` and so on where there is one already.
    /// Returns the name.
    func write(
        _ bytes: [UInt8], action: String, key: String, isPlain: Bool
    ) throws(FileError) -> String {
        let safe = String(key.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" })
        let ending = isPlain ? ".json" : ".txt"
        var serial = 1
        while true {
            let name = action + "-" + safe + (serial == 1 ? "" : "-\(serial)") + ending
            if !DurableFiles.exists(path + "/" + name) || serial >= Self.maxSameName {
                try DurableFiles.createOnce(path + "/" + name, bytes)
                return name
            }
            serial += 1
        }
    }
}
