import ArgumentParser
import Dispatch
import Glibc
import SkyPay
import SkyPaySandbox

/// `skypay-sandbox serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Listen on 127.0.0.1 until SIGTERM or SIGINT.",
        discussion: """
            Faults: ACTION:KIND[:COUNT][:nth=N][:control=NUMBER][:delay=SECONDS]
            KIND is drop-before, drop-after, timeout-before, timeout-after, code:CODE,
            code-after:CODE, http-500, http-500-after, garbled or truncated; "-before", code and
            http-500 do not apply the request, the others do. ACTION may be *.

            Admin: GET /sandbox/ledger, /sandbox/requests, /sandbox/health;
            POST /sandbox/faults with a JSON array of rules, DELETE /sandbox/faults.

            Examples:
              skypay-sandbox serve --port 8099 --state /tmp/skypay --balance 50000.00
              skypay-sandbox serve --fault payoutQueue:timeout-after:1:delay=60 --settle-seconds 5
            """)

    @OptionGroup var partner: PartnerOptions

    @Option(help: "Port; 0 takes a free one.")
    var port = 0

    @Option(help: "Folder of the ledger; without it the ledger is in memory.")
    var state: String?

    @Option(help: "Balance of a new ledger.")
    var balance = SandboxSettings.demoBalance.text

    @Option(help: "Prefix control numbers must have; any when absent.")
    var controlNumberPrefix: String?

    @Option(help: "Seconds from queued to completed or failed.")
    var settleSeconds: Int64 = 0

    @Option(help: "Payouts fail whose control number this regular expression finds.")
    var failControl: String?

    @Option(help: "Payouts fail whose account number ends so.")
    var failAccount: String?

    @Option(help: "Folder into which payoutQueuePayout callbacks are written.")
    var callbackFolder: String?

    @Flag(help: "Callback files as plain JSON instead of encrypted text.")
    var plainCallbacks = false

    @Option(help: "URL to which payoutQueuePayout callbacks are posted.")
    var callbackUrl: String?

    @Option(help: "Milliseconds waited before every answer.")
    var latencyMilliseconds: Int64 = 0

    @Option(help: "A fault; may be given more than once.")
    var fault: [String] = []

    @Option(help: "File that gets the port once the server listens.")
    var readyFile: String?

    private func settings() throws -> SandboxSettings {
        guard let balance = Amount(wireTotal: balance) else {
            throw ValidationError("--balance must look like 1000000.00")
        }
        var settings = SandboxSettings()
        settings.credentials = partner.credentials
        settings.controlNumberPrefix = controlNumberPrefix
        settings.balance = balance
        settings.settleSeconds = max(0, settleSeconds)
        settings.failControlPattern = failControl
        settings.failAccountSuffix = failAccount
        settings.stateFolder = state
        settings.callbackFolder = callbackFolder
        settings.plainCallbacks = plainCallbacks
        settings.callbackURL = callbackUrl
        settings.latencyMilliseconds = max(0, latencyMilliseconds)
        do {
            settings.faults = try fault.map { text in try FaultRule(parsing: text) }
        } catch {
            throw ValidationError("\(error)")
        }
        return settings
    }

    func run() async throws {
        let stop = StopSignals()
        let server = try SkyPaySandboxServer(settings())
        let port = try await server.start(port: port)
        standardOutput(Array("listening on http://127.0.0.1:\(port)/services\n".utf8))
        if let readyFile { try SandboxFiles.replace(readyFile, "\(port)\n") }
        await stop.wait()
        await server.stop()
    }
}

/// SIGTERM and SIGINT as something to wait for.
struct StopSignals {
    private let signals: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    /// From here on the signals no longer kill.
    init() {
        let (signals, continuation) = AsyncStream<Void>.makeStream()
        self.signals = signals
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }

    /// Returns at the first signal.
    func wait() async {
        for await _ in signals { break }
        for source in sources { source.cancel() }
    }
}
