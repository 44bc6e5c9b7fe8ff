import ArgumentParser
import OrderedJSON
import SkyPay
import SkyPaySandbox

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
        let credentials = try partner.credentials()
        let json = SandboxCallback.payoutQueuePayout(
            credentials, controlNumber: controlNumber, payType: type,
            dealTime: dealTime ?? PhilippineTime.wireText(unixSeconds: now),
            failDescription: failDescription
        ).bytes()
        let sealed = Array(Envelope(passwordKey: credentials.passwordKey).seal(json).utf8)
        try SandboxFiles.create(output, plain ? json : sealed)
    }
}
