import DurableFiles
import OrderedJSON
import SkyPay

/// Where the test tools send their callbacks, and whence the answers come.
public enum CounterTarget: Sendable {
    /// Over HTTP, encrypted: the URL of inquiries and the URL of everything else.
    case urls(inquiry: String, confirmation: String)
    /// As files in a folder, plain or encrypted. Answers appear as `NAME.response.json` or `.txt`
    /// in another one; nil waits for none.
    case folder(String, answers: String?, isPlain: Bool)
}

/// Sends one callback and brings its answer.
struct CounterLine: Sendable {
    let target: CounterTarget
    let credentials: SkyPayCredentials
    let transport: any Transport
    /// How long to wait for an answer, in seconds.
    let answerSeconds: Int

    /// How often the answers' folder is looked into, in milliseconds.
    static let lookMilliseconds = 100

    private var envelope: Envelope { Envelope(passwordKey: credentials.passwordKey) }

    /// The answer; nil when the target gives none.
    /// - Parameter mark: what makes the file's name one of a kind.
    func ask(
        _ message: JSONValue, key: String, mark: String
    ) async throws(SandboxError) -> JSONObject? {
        let json = message.bytes()
        let action = message["action"]?.stringValue ?? "callback"
        switch target {
        case .urls(let inquiry, let confirmation):
            return try await post(json, action.hasSuffix("Inquiry") ? inquiry : confirmation)
        case .folder(let folder, let answers, let isPlain):
            let bytes = isPlain ? json : Array(envelope.seal(json).utf8)
            let name: String
            do {
                name = try CallbackFolder(path: folder).write(
                    bytes, action: action, key: key + "-" + mark, isPlain: isPlain)
            } catch {
                throw SandboxError(code: .usage, message: "cannot write the callback: \(error)")
            }
            guard let answers else { return nil }
            let ending = isPlain ? ".response.json" : ".response.txt"
            return try await wait(for: answers + "/" + name + ending)
        }
    }

    private func post(_ json: [UInt8], _ url: String) async throws(SandboxError) -> JSONObject {
        let outcome = await transport.post(
            envelope.seal(json), to: url,
            connectTimeoutSeconds: CallbackOutlet.connectTimeoutSeconds,
            answerTimeoutSeconds: answerSeconds)
        switch outcome {
        case .response(200...299, let body): return try read(body)
        case .response(let status, _):
            throw SandboxError(code: .server, message: "\(url) answered HTTP \(status)")
        case .certainlyNotSent(let reason), .unknown(let reason):
            throw SandboxError(code: .server, message: "\(url): \(reason)")
        }
    }

    private func wait(for path: String) async throws(SandboxError) -> JSONObject {
        let looks = answerSeconds * 1000 / Self.lookMilliseconds
        for _ in 0..<max(1, looks) {
            if DurableFiles.exists(path) { return try read(try SandboxFiles.read(path)) }
            // A cancelled wait goes on looking, only faster; it ends all the same.
            try? await Task.sleep(for: .milliseconds(Self.lookMilliseconds))
        }
        throw SandboxError(code: .server, message: "no \(path) within \(answerSeconds) s")
    }

    /// An answer, encrypted or plain.
    private func read(_ bytes: [UInt8]) throws(SandboxError) -> JSONObject {
        do {
            let json = try Callback.open(bytes, credentials)
            if let object = try JSONValue(parsing: json).objectValue { return object }
        } catch {
            throw SandboxError(code: .server, message: "the answer cannot be read: \(error)")
        }
        throw SandboxError(code: .server, message: "the answer is not a JSON object")
    }
}
