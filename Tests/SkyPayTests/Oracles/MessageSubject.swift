import OrderedJSON
import SkyPay

/// What is fuzzed of SkyPay's messages: bytes in, the rule that was broken out. Only the public
/// interface is used.
enum MessageSubject: String, CaseIterable {
    /// The base64 text of an envelope.
    case envelope
    /// A message as it lies in the inbox or comes over HTTP, encrypted or plain.
    case message
    /// A callback's JSON, before encryption.
    case callback

    static let key = "TESTKEY000000001"
    static let previousKey = "TESTKEY000000000"
    static let credentials = SkyPayCredentials(
        callerName: "demo", userName: "DemoApp@skypay",
        authentication: "E1234567-123C-1234-123F-A12345670", passwordKey: key,
        previousPasswordKey: previousKey)

    /// The rule these bytes break; nil when all hold.
    func violation(_ bytes: [UInt8]) -> String? {
        switch self {
        case .envelope: MessageOracle.envelope(bytes)
        case .message: MessageOracle.message(bytes)
        case .callback: MessageOracle.callback(bytes)
        }
    }

    /// Valid inputs to begin with.
    var seeds: [[UInt8]] {
        let envelope = Envelope(passwordKey: Self.key)
        let previous = Envelope(passwordKey: Self.previousKey)
        let sealed = Self.callbacks.map { Array(envelope.seal($0).utf8) }
        switch self {
        case .envelope:
            let lengths = [0, 1, 15, 16, 17].map { Array(repeating: UInt8(0x61), count: $0) }
            return sealed + lengths.map { Array(envelope.seal($0).utf8) }
        case .message:
            return sealed + Self.callbacks + [Array(previous.seal(Self.callbacks[0]).utf8)]
        case .callback: return Self.callbacks
        }
    }

    /// One callback of each kind, and one in other letters and kinds of values.
    private static let callbacks: [[UInt8]] = [
        #""action":"payoutQueuePayout","controlNumber":"SKY9912345678","payType":"2","#
            + #""dealTime":"2026-11-21 12:00:00","referenceNumber":"ML1""#,
        #""ACTION":"payoutQueuePayout","CONTROLNUMBER":"A","payType":4,"dealTime":"#
            + #""2026-11-21T12:00:00.123456789","failDescription":null"#,
        #""action":"payoutInquiry","controlNumber":"SKY9912345678""#,
        #""action":"payoutPayout","controlNumber":"SKY9912345678","withdrawChannel":9,"#
            + #""payTime":"2026-11-21 12:00:00""#,
        #""action":"collectionIcnquiry","contractNumber":"SKY9912345678","amount":"250.00","#
            + #""phone":"09171234567""#,
        #""action":"collectionCollect","controlNumber":"SKY9912345678","amount":250,"#
            + #""phone":"09171234567","receiptNumber":"R-1|Cebu","collectedTime":"#
            + #""2026-11-21 12:00:00","payChannel":"10""#,
        #""action":"financeNotification","transctionDate":"2026-11-21 12:00:00","#
            + #""companyPrefix":"SKY99","companyName":"Acme","accountNo":"SKY99","#
            + #""sourceAccountNo":"","beneficiaryAccountNo":"1","statementType":"1","#
            + #""signType":"recharge","amount":12000000,"currency":"PHP","#
            + #""referenceNumber":"D-20261121-001""#,
    ].map { fields in
        let who =
            #"{"userName":"DemoApp@skypay","authentication":"\#(credentials.authentication)","#
        return Array((who + fields + "}").utf8)
    }
}
