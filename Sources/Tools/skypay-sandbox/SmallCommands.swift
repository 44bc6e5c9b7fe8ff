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

/// `skypay-sandbox pick-up`
struct PickUpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pick-up", abstract: "Let the payee take a payout that waits at a store.",
        discussion: "Example: skypay-sandbox pick-up SKY9912345678 --port 8099")

    @Argument(help: "The control number.")
    var controlNumber: String

    @Option(help: "Port of the running sandbox.")
    var port: Int

    func run() throws {
        let body: JSONValue = ["controlNumber": .string(controlNumber)]
        _ = try AdminCall.send("POST", "/sandbox/pick-up", port: port, body: body.text())
    }
}

/// `skypay-sandbox notify`
struct NotifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify",
        abstract: "Move money in the running sandbox, and send its financeNotification.",
        discussion: """
            Example: skypay-sandbox notify --port 8099 --type 1 --amount 5000.00
            """)

    @Option(help: "Port of the running sandbox.")
    var port: Int

    @Option(
        name: .customLong("type"),
        help: """
            1 top-up, 2 collections to top-up, 3 transfer to the account, 4 settlement, 5 withdrawal \
            of collections, 6 withdrawal of balance.
            """)
    var statementType: Int

    @Option(help: "The amount, 5000.00.")
    var amount: String

    func run() throws {
        let body: JSONValue = [
            "statementType": .number(String(statementType)), "amount": .string(amount),
        ]
        let answer = try AdminCall.send(
            "POST", "/sandbox/notify", port: port, body: body.text())
        standardOutput(Array(answer.utf8))
    }
}

/// `skypay-sandbox latency`
struct LatencyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency", abstract: "Change how long the running sandbox waits to answer.",
        discussion: "Example: skypay-sandbox latency 250 --port 8099")

    @Argument(help: "Milliseconds before every answer.")
    var milliseconds: Int64

    @Option(help: "Port of the running sandbox.")
    var port: Int

    func run() throws {
        let body: JSONValue = ["milliseconds": .number(String(milliseconds))]
        _ = try AdminCall.send("POST", "/sandbox/latency", port: port, body: body.text())
    }
}

/// `skypay-sandbox change-key`
struct ChangeKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change-key", abstract: "Give the running sandbox another password key.",
        discussion: """
            Example: skypay-sandbox change-key --port 8099 --to-file new.key --after-seconds 300
            """)

    @Option(help: "Port of the running sandbox.")
    var port: Int

    @Option(help: "A file with the new key.")
    var toFile: String

    @Option(help: "Seconds until only the new key works.")
    var afterSeconds: Int64 = 0

    func run() throws {
        let body: JSONValue = [
            "passwordKey": .string(try keyText(toFile)),
            "afterSeconds": .number(String(afterSeconds)),
        ]
        _ = try AdminCall.send("POST", "/sandbox/password-key", port: port, body: body.text())
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
