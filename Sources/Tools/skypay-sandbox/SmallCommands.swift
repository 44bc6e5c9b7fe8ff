import ArgumentParser
import Glibc
import OrderedJSON
import SkyPay
import SkyPaySandbox

/// `skypay-sandbox ledger`
struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Print what the running sandbox paid, as JSON.",
        discussion: "Example: skypay-sandbox ledger --port 8099")

    @Option(help: "Port of the running sandbox.")
    var port: Int

    func run() throws {
        let text = try AdminCall.send("GET", "/sandbox/ledger", port: port)
        standardOutput(Array(try JSONValue(parsing: Array(text.utf8)).prettyText().utf8))
    }
}

/// `skypay-sandbox fault`
struct FaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault", abstract: "Add faults to the running sandbox, or clear them.",
        discussion: """
            Examples:
              skypay-sandbox fault --port 8099 payoutQueue:drop-before:3
              skypay-sandbox fault --port 8099 --clear
            """)

    @Option(help: "Port of the running sandbox.")
    var port: Int

    @Flag(help: "Remove every fault first.")
    var clear = false

    @Argument(help: "Rules, as in serve --fault.")
    var rules: [String] = []

    func run() throws {
        if clear { _ = try AdminCall.send("DELETE", "/sandbox/faults", port: port) }
        guard !rules.isEmpty else { return }
        let body = JSONValue.array(rules.map { .string($0) }).text()
        _ = try AdminCall.send("POST", "/sandbox/faults", port: port, body: body)
    }
}

/// `skypay-sandbox callback`
struct CallbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "callback", abstract: "Make a payoutQueuePayout callback file.",
        discussion: """
            Examples:
              skypay-sandbox callback SKY9912345678 --pay-type 2 --output inbox/paid.txt
              skypay-sandbox callback SKY9912345678 --pay-type 4 --fail-description 'closed' \\
                --plain --output inbox/failed.json
            """)

    @OptionGroup var partner: PartnerOptions

    @Argument(help: "The control number.")
    var controlNumber: String

    @Option(help: "1 uploaded, 2 paid, 3 cancelled, 4 failed, 5 amended, 6 amend failed.")
    var payType: Int

    @Option(help: "yyyy-MM-dd HH:mm:ss in GMT+8; now when absent.")
    var dealTime: String?

    @Option(help: "Why it failed.")
    var failDescription: String?

    @Flag(help: "Plain JSON instead of SkyPay's encrypted text.")
    var plain = false

    @Option(help: "The file to make; must not exist.")
    var output: String

    func run() throws {
        guard let type = PayType(rawValue: payType) else {
            throw ValidationError("--pay-type must be 1 to 6")
        }
        let now = SandboxSettings.systemClock() / 1_000_000
        let json = SandboxCallback.payoutQueuePayout(
            partner.credentials, controlNumber: controlNumber, payType: type,
            dealTime: dealTime ?? PhilippineTime.wireText(unixSeconds: now),
            failDescription: failDescription
        ).bytes()
        let sealed = Array(Envelope(passwordKey: partner.passwordKey).seal(json).utf8)
        try SandboxFiles.create(output, plain ? json : sealed)
    }
}

/// `skypay-sandbox seal`
struct SealCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal", abstract: "Encrypt standard input as SkyPay does.",
        discussion: "Example: skypay-sandbox seal < callback.json > callback.txt")

    @Option(help: "The key of the envelope.")
    var passwordKey = SandboxSettings.demoCredentials.passwordKey

    func run() {
        standardOutput(Array(Envelope(passwordKey: passwordKey).seal(standardInput()).utf8))
    }
}

/// `skypay-sandbox open`
struct OpenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Decrypt standard input.",
        discussion: "Example: skypay-sandbox open < inbox/NAME.response.txt")

    @Option(help: "The key of the envelope.")
    var passwordKey = SandboxSettings.demoCredentials.passwordKey

    func run() throws {
        standardOutput(try Envelope(passwordKey: passwordKey).open(standardInput()))
    }
}
