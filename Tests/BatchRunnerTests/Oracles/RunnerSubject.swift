import SkyPay

/// What is fuzzed of the runner's judgement: bytes in, the rule that was broken out. Only what
/// decides, without files, log and network.
enum RunnerSubject: String, CaseIterable {
    /// The bytes of an HTTP answer: what they mean for a payout and for every other request.
    case answer
    /// Lines, each a callback: what the counter answers, and what becomes of a payout.
    case desk

    static let credentials = SkyPayCredentials(
        callerName: "demo", userName: "DemoApp@skypay",
        authentication: "E1234567-123C-1234-123F-A12345670", passwordKey: "TESTKEY000000001",
        previousPasswordKey: "TESTKEY000000000")

    /// The rule these bytes break; nil when all hold.
    func violation(_ bytes: [UInt8]) -> String? {
        switch self {
        case .answer: AnswerOracle.violation(bytes)
        case .desk: DeskOracle.violation(bytes)
        }
    }

    /// Valid inputs to begin with.
    var seeds: [[UInt8]] {
        switch self {
        case .answer: AnswerOracle.seeds
        case .desk: DeskOracle.seeds
        }
    }
}
