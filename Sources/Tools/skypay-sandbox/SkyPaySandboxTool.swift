import ArgumentParser
import DurableFiles
import Glibc
import SkyPay
import SkyPaySandbox

/// The tool's entry; everything it does lives in `SkyPaySandbox`.
@main
struct SkyPaySandboxTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skypay-sandbox",
        abstract: "SkyPay on this machine, with faults on demand. Never moves real money.",
        discussion: """
            Examples:
              skypay-sandbox serve --state /tmp/skypay --ready-file /tmp/skypay.port
              skypay-sandbox serve --port 8099 --fault payoutQueue:drop-after:3
              skypay-sandbox ledger --port 8099
              skypay-sandbox fault --port 8099 payoutQueue:code:-1009:2
              skypay-sandbox callback SKY9912345678 --pay-type 2 --output inbox/paid.txt
              skypay-sandbox payout SKY9912345678 --url http://127.0.0.1:8080/payoutInquiry
              printf '{}' | skypay-sandbox seal

            Exit codes: 0 done, 1 failed, 64 usage.
            """,
        subcommands: [
            ServeCommand.self, LedgerCommand.self, FaultCommand.self, LatencyCommand.self,
            PickUpCommand.self, NotifyCommand.self, ChangeKeyCommand.self, PayoutCommand.self,
            CollectCommand.self, CallbackCommand.self, SealCommand.self, OpenCommand.self,
        ])

    static func main() async {
        // Before anything is opened: the ledger may not get the number of an output.
        StandardStreams.fill()
        await main(nil)
    }
}

/// The partner; the defaults are the demo's.
struct PartnerOptions: ParsableArguments {
    @Option(help: "Last part of the URL.")
    var callerName = SandboxSettings.demoCredentials.callerName

    @Option(help: "The partner's user name.")
    var userName = SandboxSettings.demoCredentials.userName

    @Option(help: "The partner's authentication.")
    var authentication = SandboxSettings.demoCredentials.authentication

    @Option(help: "The key of the envelope.")
    var passwordKey = SandboxSettings.demoCredentials.passwordKey

    @Option(help: "A file with the key, instead of --password-key: process lists show arguments.")
    var passwordKeyFile: String?

    func credentials() throws -> SkyPayCredentials {
        SkyPayCredentials(
            callerName: callerName, userName: userName, authentication: authentication,
            passwordKey: try passwordKeyFile.map(keyText) ?? passwordKey)
    }
}

/// The key in a file, without the line's end.
func keyText(_ path: String) throws -> String {
    let text = String(decoding: try SandboxFiles.read(path), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
}

/// Everything on standard input.
func standardInput() -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        guard count > 0 else { return bytes }
        bytes += buffer[..<count]
    }
}

/// Writes bytes to standard output.
func standardOutput(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
