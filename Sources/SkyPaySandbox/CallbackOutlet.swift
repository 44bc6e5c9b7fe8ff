import DurableFiles
public import OrderedJSON
public import SkyPay

/// Makes and delivers payoutQueuePayout callbacks.
struct CallbackOutlet: Sendable {
    private let settings: SandboxSettings
    private let transport: any Transport

    /// How long a partner has to answer a callback, in seconds.
    static let answerTimeoutSeconds = 30
    /// How long a connection to a partner may take, in seconds.
    static let connectTimeoutSeconds = 10

    init(_ settings: SandboxSettings, _ transport: any Transport) {
        self.settings = settings
        self.transport = transport
    }

    /// Reports a settled payout wherever the settings say. A report that cannot be delivered is
    /// lost, as SkyPay publishes no retry: the partner has to ask.
    func report(_ payout: SandboxLedger.Payout, at unixMicroseconds: Int64) {
        guard settings.callbackFolder != nil || settings.callbackURL != nil else { return }
        let message = SandboxCallback.payoutQueuePayout(
            settings.credentials, controlNumber: payout.controlNumber,
            payType: payout.fails ? .failed : .paid,
            dealTime: PhilippineTime.wireText(unixSeconds: unixMicroseconds / 1_000_000),
            failDescription: payout.fails ? "refused by the receiving side" : nil)
        let json = message.bytes()
        let sealed = Envelope(passwordKey: settings.credentials.passwordKey).seal(json)
        if let folder = settings.callbackFolder {
            let ending = settings.plainCallbacks ? ".json" : ".txt"
            let path = folder + "/payoutQueuePayout-" + payout.controlNumber + ending
            let bytes = settings.plainCallbacks ? json : Array(sealed.utf8)
            try? DurableFiles.createOrMatch(path, bytes)
        }
        if let url = settings.callbackURL {
            Task { [transport] in
                _ = await transport.post(
                    sealed, to: url, connectTimeoutSeconds: Self.connectTimeoutSeconds,
                    answerTimeoutSeconds: Self.answerTimeoutSeconds)
            }
        }
    }
}

/// Callbacks as SkyPay writes them.
public enum SandboxCallback {
    /// A payoutQueuePayout (`skypay-api.md §3`), before encryption.
    public static func payoutQueuePayout(
        _ credentials: SkyPayCredentials, controlNumber: String, payType: PayType,
        dealTime: String, failDescription: String? = nil, referenceNumber: String? = nil
    ) -> JSONValue {
        var object: JSONObject = [
            "userName": .string(credentials.userName), "action": "payoutQueuePayout",
            "authentication": .string(credentials.authentication),
            "controlNumber": .string(controlNumber),
            "payType": .string(String(payType.rawValue)), "dealTime": .string(dealTime),
        ]
        object["failDescription"] = failDescription.map { .string($0) }
        object["referenceNumber"] = referenceNumber.map { .string($0) }
        return .object(object)
    }
}
