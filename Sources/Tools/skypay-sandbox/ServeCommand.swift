import ArgumentParser
import SkyPay
import SkyPaySandbox

/// `skypay-sandbox serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Listen on 127.0.0.1 until SIGTERM or SIGINT.",
        discussion: """
            Faults: ACTION:KIND[:COUNT][:nth=N][:control=NUMBER][:delay=SECONDS]
            not applied      applied           the client sees
            drop-before      drop-after        the connection closes
            drop-late                          the same; applied when the delay is over
            timeout-before   timeout-after     nothing, until the delay is over
            code:CODE        code-after:CODE   an answer with this code
            http:STATUS      http-after:STATUS an HTTP status (http-500 and http-500-after too)
            garbled-before   garbled           altered bytes
            truncated-before truncated         half an answer
            drip-before      drip              a byte at a time, until the delay is over
                             slow              the answer, when the delay is over
                             missing, doubled  lists without rows (those of NUMBER), or twice
                             stale             payoutQueryStatus: the stage before
                             odd               every other form that readers have to take
            Delays are 120 s unless said otherwise. ACTION may be *. For a callback (ACTION is its
            name) drop-before loses it, garbled and truncated spoil it, slow delivers it late, odd
            writes it in every other form, and again delivers it a second time when the delay is over.

            Admin: GET /sandbox/ledger, /sandbox/requests, /sandbox/health; POST /sandbox/faults
            with a JSON array of rules, DELETE /sandbox/faults; POST /sandbox/latency, /pick-up,
            /notify, /password-key, /collected and /counter-paid with a JSON object.

            Examples:
              skypay-sandbox serve --port 8099 --state /tmp/skypay --balance 50000.00
              skypay-sandbox serve --fault payoutQueue:timeout-after:1:delay=60 --settle-seconds 5
              skypay-sandbox serve --fault-seed 7 --fault-percent 20 --fault-delay-seconds 3
            """)

    @OptionGroup var partner: PartnerOptions
    @OptionGroup(title: "Behaviour") var behaviour: BehaviourOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Callbacks") var callbacks: CallbackOptions
    @OptionGroup(title: "Faults") var faults: FaultOptions

    @Option(help: "Port; 0 takes a free one.")
    var port = 0

    @Option(help: "Folder of the ledger; without it the ledger is in memory.")
    var state: String?

    @Option(help: "File that gets the port once the server listens.")
    var readyFile: String?

    func validate() throws {
        guard (0...Int(UInt16.max)).contains(port) else {
            throw ValidationError("--port must be 0 to 65535")
        }
    }

    private func settings() throws -> SandboxSettings {
        var settings = SandboxSettings()
        settings.credentials = try partner.credentials()
        settings.stateFolder = state
        try behaviour.apply(to: &settings)
        try limits.apply(to: &settings)
        try callbacks.apply(to: &settings)
        try faults.apply(to: &settings)
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
