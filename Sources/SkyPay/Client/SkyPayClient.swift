import Crypto
public import OrderedJSON

/// A request ready to be recorded and sent. Its bytes do not change any more.
public struct PreparedRequest: Sendable {
    /// What is asked.
    public let action: SkyPayAction
    /// The JSON text before encryption.
    public let json: [UInt8]
    /// SHA-256 of `json`, lower-case hexadecimal: the body hash of an intent.
    public let bodySHA256: String
}

/// SkyPay's answer, read.
public struct Answer: Sendable {
    /// `responseCode`.
    public let code: ReturnCode
    /// `responseDescription`, or "".
    public let description: String
    /// `responseTime` as it came, or "".
    public let responseTime: String
    /// Every field, the three above included, unknown ones too.
    public let fields: JSONObject
    /// The HTTP status.
    public let httpStatus: Int
    /// It came sealed with a key of ours. Plain JSON is an error path that anything on the way can
    /// take: its -1000 lets nothing be sealed anew (`skypay-api.md §1`).
    public let wasDecrypted: Bool

    /// An answer as it was read, or put together from several.
    public init(
        code: ReturnCode, description: String, responseTime: String, fields: JSONObject,
        httpStatus: Int, wasDecrypted: Bool = false
    ) {
        self.code = code
        self.description = description
        self.responseTime = responseTime
        self.fields = fields
        self.httpStatus = httpStatus
        self.wasDecrypted = wasDecrypted
    }
}

/// What became of one request.
public enum SendOutcome: Sendable {
    /// SkyPay answered with a code.
    case answered(Answer)
    /// The request never left: refused connection, name look-up, TLS, no connection in time.
    case certainlyNotSent(reason: String)
    /// Nobody knows: time-out, reset, HTTP other than 2xx, an answer that cannot be read.
    case unknown(reason: String)
}

/// Asks SkyPay, one request at a time, over any `Transport`. Nothing is ever repeated here.
public struct SkyPayClient: Sendable {
    /// Control numbers in one `payoutQueryStatus` at most (`skypay-api.md §2`).
    public static let maxNumbersPerQuery = 50

    private let url: String
    private let credentials: SkyPayCredentials
    private let transport: any Transport
    private let connectTimeoutSeconds: Int
    private let answerTimeoutSeconds: Int
    private let envelope: Envelope
    private let previousEnvelope: Envelope?
    /// Chooses between two keys; nil when there is one, or when the caller does not want it.
    let sealing: SealingKey?

    /// A client for one partner.
    /// - Parameters:
    ///   - url: the part before `/{callerName}`, `https://test.skypay.ph/services`.
    ///   - connectTimeoutSeconds: for a connection.
    ///   - answerTimeoutSeconds: for the whole exchange.
    ///   - choosesSealingKey: around a key change, find out which key SkyPay opens before the first
    ///     request (`sealingChoice`); otherwise requests are sealed with the present one.
    public init(
        url: String, credentials: SkyPayCredentials, transport: any Transport,
        connectTimeoutSeconds: Int = 10, answerTimeoutSeconds: Int = 30,
        choosesSealingKey: Bool = false
    ) {
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.url = base + "/" + credentials.callerName
        self.credentials = credentials
        self.transport = transport
        self.connectTimeoutSeconds = connectTimeoutSeconds
        self.answerTimeoutSeconds = answerTimeoutSeconds
        envelope = Envelope(passwordKey: credentials.passwordKey)
        previousEnvelope = credentials.previousPasswordKey.map(Envelope.init(passwordKey:))
        sealing = choosesSealingKey && previousEnvelope != nil ? SealingKey() : nil
    }

    /// Writes a request: userName, action, authentication, then the fields in their order. Empty
    /// and null fields are left out.
    public func prepare(_ action: SkyPayAction, fields: JSONObject) -> PreparedRequest {
        var members: [(String, JSONValue)] = [
            ("userName", .string(credentials.userName)),
            ("action", .string(action.rawValue)),
            ("authentication", .string(credentials.authentication)),
        ]
        for member in fields.members where member.value != .null {
            // "" means absent, but where the contract asks for an empty text.
            let isEmpty = member.value == .string("")
            if isEmpty, action.table?.field(member.name)?.form != .empty { continue }
            members.append((member.name, action.wireValue(member.value, of: member.name)))
        }
        let json = JSONValue.object(JSONObject(members)).bytes()
        return PreparedRequest(action: action, json: json, bodySHA256: Self.sha256(json))
    }

    /// Sends a request, once. Around a key change it does not leave before it is known which key
    /// SkyPay opens.
    public func send(_ request: PreparedRequest) async -> SendOutcome {
        Self.outcome(await exchange(request))
    }

    /// Seals a request with one of the keys and sends it, once.
    func send(_ request: PreparedRequest, previous: Bool) async -> SendOutcome {
        Self.outcome(await exchange(request, previous: previous))
    }

    /// What an exchange came to: without a code, nobody knows.
    static func outcome(_ exchange: Exchange) -> SendOutcome {
        switch exchange {
        case .certainlyNotSent(let reason): return .certainlyNotSent(reason: reason)
        case .unknown(let reason): return .unknown(reason: reason)
        case .fields(let fields, let status, let wasDecrypted):
            guard
                let answer = AnswerReading.answer(
                    fields, status: status, wasDecrypted: wasDecrypted)
            else {
                return .unknown(reason: "the answer has no responseCode")
            }
            return .answered(answer)
        }
    }

    /// What one exchange brought: an answer's fields, with or without a code.
    enum Exchange {
        case fields(JSONObject, status: Int, wasDecrypted: Bool)
        case certainlyNotSent(reason: String)
        case unknown(reason: String)
    }

    /// As `send`, read as far as the answer's fields: a report has no code.
    func exchange(_ request: PreparedRequest) async -> Exchange {
        let exchange: Exchange
        switch await sealingChoice() {
        case .present: exchange = await self.exchange(request, previous: false)
        case .previous: exchange = await self.exchange(request, previous: true)
        case .neither:
            return .certainlyNotSent(
                reason: "SkyPay opens neither the present password key nor the previous one")
        case .noAnswer(let reason):
            return .certainlyNotSent(
                reason: "which password key SkyPay opens is not known: \(reason)")
        }
        if case .answered(let answer) = Self.outcome(exchange), answer.code == .contextNotValid {
            await sealing?.doubt(evenPresent: true)
        }
        return exchange
    }

    private func exchange(_ request: PreparedRequest, previous: Bool) async -> Exchange {
        let envelope = previous ? previousEnvelope ?? envelope : envelope
        let outcome = await transport.post(
            envelope.seal(request.json), to: url,
            connectTimeoutSeconds: connectTimeoutSeconds,
            answerTimeoutSeconds: answerTimeoutSeconds)
        switch outcome {
        case .certainlyNotSent(let reason): return .certainlyNotSent(reason: reason)
        case .unknown(let reason): return .unknown(reason: reason)
        case .response(let status, let body):
            return Self.reading(status: status, body: body, credentials)
        }
    }

    /// What a whole response says. Pure.
    static func reading(
        status: Int, body: [UInt8], _ credentials: SkyPayCredentials
    ) -> Exchange {
        do {
            let fields = try AnswerReading.fields(status: status, body: body, credentials)
            return .fields(
                fields, status: status, wasDecrypted: !SkyPayCredentials.looksLikeJSON(body))
        } catch {
            return .unknown(reason: error.description)
        }
    }

    private static func sha256(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = SHA256.hash(data: bytes).flatMap { byte in
            [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
