import Foundation
import Testing

@testable import BatchRunner

@Suite("The configuration")
struct ConfigurationTests {
    /// The least that is needed, for a sandbox on this machine.
    static let least = """
        skypay:
          url: http://127.0.0.1:8080/services
          callerName: demo
          userName: Demo@skypay
          authentication: an-invented-credential
          passwordKey: an-invented-key
          controlNumberPrefix: SKY99
          sender: Demo Corporation

        """

    static func load(
        _ yaml: String, environment: [String: String] = [:], mode: UInt32 = 0o600
    ) throws -> RunnerConfiguration {
        let temporary = try TemporarySite()
        try temporary.write("batchrunner.yaml", yaml, mode: mode)
        return try RunnerConfiguration.load(site: temporary.site, environment: environment)
    }

    static func problems(
        _ yaml: String, environment: [String: String] = [:], mode: UInt32 = 0o600
    ) throws -> [ConfigurationFaults.Problem] {
        do {
            _ = try load(yaml, environment: environment, mode: mode)
            return []
        } catch let faults as ConfigurationFaults {
            return faults.problems
        }
    }

    @Test("skypay alone is enough; everything else has its default")
    func defaults() throws {
        let configuration = try Self.load(Self.least)
        #expect(configuration.mode == .test)
        #expect(configuration.skypay.url.description == "http://127.0.0.1:8080/services")
        #expect(configuration.skypay.passwordKey.reveal() == "an-invented-key")
        #expect(configuration.skypay.requestsInFlight == 64)
        #expect(configuration.skypay.requestsPerSecond == 0)
        #expect(configuration.skypay.connectTimeoutSeconds == 10)
        #expect(configuration.skypay.answerTimeoutSeconds == 30)
        #expect(configuration.skypay.queryAfterSeconds == 300)
        #expect(configuration.skypay.queryEverySeconds == 1_800)
        #expect(configuration.skypay.resend == .afterQuery)
        #expect(configuration.skypay.onInsufficientBalance == .pause)
        #expect(configuration.intake.settleSeconds == 2)
        #expect(configuration.intake.scanSeconds == 5)
        #expect(configuration.intake.incompleteSeconds == 3_600)
        #expect(configuration.intake.onRowFault == .rejectRow)
        #expect(configuration.callbacks.confirm)
        #expect(configuration.audit.origin == "batchrunner.local/demo/test")
        #expect(configuration.audit.keepMonths == nil)
        #expect(configuration.sender("").acceptsCallbacks)
        #expect(!configuration.sender("acme").acceptsCallbacks)
        #expect(configuration.sender("acme").allows(action: "payoutQueue"))
    }

    @Test("every key that is given is used")
    func given() throws {
        let configuration = try Self.load(
            Self.least + """
                  requestsInFlight: 8
                  requestsPerSecond: 20
                  connectTimeoutSeconds: 3
                  answerTimeoutSeconds: 7
                  queryAfterSeconds: 1
                  queryEverySeconds: 2
                  resend: never
                  onInsufficientBalance: refuse
                intake:
                  settleSeconds: 0
                  scanSeconds: 1
                  incompleteSeconds: 9
                  onRowFault: reject-batch
                callbacks: {confirm: false, listen: none}
                approval: {aboveAmount: none}
                windows: []
                audit: {origin: log.example.com/pay, sealBytes: 1048576, keep: 18m, immutable: true}
                senders:
                  default: {callbacks: false}
                  acme: {actions: [payoutQueue, balanceQuery], callbacks: true, sequence: false}
                  bank: {sequence: true, owner: root, filesPerDay: 5, bytesPerDay: 6}
                """)
        let bank = configuration.sender("bank")
        #expect(bank.sequence && bank.owner == 0 && bank.filesPerDay == 5 && bank.bytesPerDay == 6)
        #expect(configuration.sender("acme").owner == nil)
        #expect(configuration.sender("other").filesPerDay == 100_000)
        #expect(configuration.intake.keepFreeBytes == 256 << 20)
        #expect(configuration.skypay.requestsInFlight == 8)
        #expect(configuration.skypay.requestsPerSecond == 20)
        #expect(configuration.skypay.connectTimeoutSeconds == 3)
        #expect(configuration.skypay.answerTimeoutSeconds == 7)
        #expect(configuration.skypay.queryAfterSeconds == 1)
        #expect(configuration.skypay.queryEverySeconds == 2)
        #expect(configuration.skypay.resend == .never)
        #expect(configuration.skypay.onInsufficientBalance == .refuse)
        #expect(configuration.intake.settleSeconds == 0)
        #expect(configuration.intake.scanSeconds == 1)
        #expect(configuration.intake.incompleteSeconds == 9)
        #expect(configuration.intake.onRowFault == .rejectBatch)
        #expect(!configuration.callbacks.confirm)
        #expect(configuration.audit.origin == "log.example.com/pay")
        #expect(configuration.audit.sealBytes == 1_048_576)
        #expect(configuration.audit.keepMonths == 18)
        #expect(configuration.audit.immutable)
        #expect(!configuration.sender("").acceptsCallbacks)
        #expect(configuration.sender("acme").acceptsCallbacks)
        #expect(configuration.sender("acme").allows(action: "balanceQuery"))
        #expect(!configuration.sender("acme").allows(action: "cancelPayout"))
    }

    @Test(
        "a wrong line is named with its key, and the message says what to do",
        arguments: [
            ("intake: {setleSeconds: 3}", "intake.setleSeconds", "did you mean \"settleSeconds\""),
            ("intakes: {settleSeconds: 3}", "intakes", "did you mean \"intake\""),
            ("intake: {settleSeconds: two}", "intake.settleSeconds", "from 0 to 3600"),
            ("intake: {settleSeconds: -1}", "intake.settleSeconds", "from 0 to 3600"),
            ("intake: {settleSeconds: 0x10}", "intake.settleSeconds", "from 0 to 3600"),
            ("intake: {settleSeconds: 3601}", "intake.settleSeconds", "from 0 to 3600"),
            ("intake: {settleSeconds: [2]}", "intake.settleSeconds", "a single value"),
            ("intake: {settleSeconds: }", "intake.settleSeconds", "has no value"),
            ("intake: {onRowFault: rejectrow}", "intake.onRowFault", "did you mean \"reject-row\""),
            ("intake: 5", "intake", "is a section"),
            ("callbacks: {confirm: yes}", "callbacks.confirm", "true or false"),
            ("callbacks: {listen: 0.0.0.0:80}", "callbacks.listen", "without TLS"),
            ("callbacks: {listen: \"[::]:80\"}", "callbacks.listen", "without TLS"),
            ("callbacks: {listen: pay.example.com:80}", "callbacks.listen", "without TLS"),
            ("callbacks: {listen: 8443}", "callbacks.listen", "address and port"),
            ("callbacks: {listen: \":8443\"}", "callbacks.listen", "address and port"),
            ("callbacks: {listen: 127.0.0.1:99999}", "callbacks.listen", "address and port"),
            ("callbacks: {listen: http://127.0.0.1:1}", "callbacks.listen", "address and port"),
            (
                "callbacks: {tlsCertificateFile: x}", "callbacks.tlsCertificateFile",
                "needs callbacks.tlsPrivateKeyFile"
            ),
            (
                "callbacks: {tlsPrivateKeyFile: x}", "callbacks.tlsPrivateKeyFile",
                "needs callbacks.tlsCertificateFile"
            ),
            (
                "callbacks: {requestTimeoutSeconds: 0}", "callbacks.requestTimeoutSeconds",
                "from 1 to 300"
            ),
            ("console: {listen: 127.0.0.1:1}", "console.listen", "not available"),
            ("approval: {aboveAmount: 1000}", "approval.aboveAmount", "not available"),
            ("limits: {perBatchAmount: 1}", "limits.perBatchAmount", "not available"),
            ("limits: {perDayAmount: 1}", "limits.perDayAmount", "not available"),
            ("windows: [monday]", "windows", "not available"),
            ("windows: none", "windows", "not available"),
            ("senders: {acme: {sequence: 1}}", "senders.acme.sequence", "true or false"),
            ("senders: {acme: {owner: nobody-here}}", "senders.acme.owner", "name or number"),
            ("senders: {acme: {filesPerDay: 0}}", "senders.acme.filesPerDay", "files from 1"),
            ("senders: {acme: {bytesPerDay: -1}}", "senders.acme.bytesPerDay", "bytes from 1"),
            ("intake: {keepFreeBytes: x}", "intake.keepFreeBytes", "bytes from 0"),
            ("senders: {acme: {actions: [payoutQeue]}}", "senders.acme.actions", "\"payoutQueue\""),
            ("senders: {acme: {actions: payoutQueue}}", "senders.acme.actions", "must be a list"),
            ("senders: {a.csv: {callbacks: true}}", "senders.a.csv", "letters, digits"),
            ("senders: {acme: {action: []}}", "senders.acme.action", "did you mean \"actions\""),
            ("audit: {keep: 5}", "audit.keep", "5y"),
            ("audit: {origin: a+b}", "audit.origin", "without \"+\""),
            ("audit: {sealBytes: 1}", "audit.sealBytes", "bytes from 1048576"),
            ("mode: prod", "mode", "test, live"),
            ("mode: live", "skypay.url", "mode is live"),
        ])
    func wrongLines(_ line: String, _ key: String, _ message: String) throws {
        let problems = try Self.problems(Self.least + line + "\n")
        try #require(problems.count == 1)
        #expect(problems[0].key == key)
        #expect(problems[0].message.contains(message))
        #expect(problems[0].place.contains("batchrunner.yaml:"))
    }

    @Test("the line of a misspelt key is told")
    func line() throws {
        let problems = try Self.problems(Self.least + "# a comment\nmoed: test\n")
        #expect(problems.first?.place.hasSuffix("batchrunner.yaml:10") == true)
    }

    @Test("everything that is wrong is told at once")
    func allAtOnce() throws {
        let problems = try Self.problems(
            "mode: tset\nskypay: {url: nonsense, callerName: a b}\nintake: {scanSeconds: 0}\n")
        let keys = Set(problems.map(\.key))
        #expect(
            keys == [
                "mode", "skypay.url", "skypay.callerName", "skypay.userName",
                "skypay.authentication", "skypay.passwordKey", "skypay.controlNumberPrefix",
                "skypay.sender", "intake.scanSeconds",
            ])
    }

    @Test(
        "text that is no YAML, or holds a key twice, is refused without quoting it",
        arguments: [
            "skypay: {passwordKey: hidden-word", "a\nb: hidden-word", "mode: test\nmode: test",
        ])
    func notYAML(_ text: String) throws {
        let problems = try Self.problems(text)
        #expect(!problems.isEmpty)
        #expect(!"\(problems)".contains("hidden-word"))
    }

    @Test("a missing file is an empty one: what is needed is told, or comes from the environment")
    func environmentAlone() throws {
        let temporary = try TemporarySite()
        #expect(throws: ConfigurationFaults.self) {
            try RunnerConfiguration.load(site: temporary.site, environment: [:])
        }
        let configuration = try RunnerConfiguration.load(
            site: temporary.site,
            environment: [
                "SKYPAY_URL": "http://localhost:1/s", "SKYPAY_CALLER_NAME": "demo",
                "SKYPAY_USER_NAME": "Demo@skypay", "SKYPAY_AUTHENTICATION": "x",
                "SKYPAY_PASSWORD_KEY": "y", "SKYPAY_CONTROL_NUMBER_PREFIX": "SKY99",
                "SKYPAY_SENDER": "Demo", "INTAKE_SETTLE_SECONDS": "0", "MODE": "test",
            ])
        #expect(configuration.skypay.passwordKey.reveal() == "y")
        #expect(configuration.intake.settleSeconds == 0)
    }

    @Test("the environment goes before the file and is named in problems")
    func environmentFirst() throws {
        let configuration = try Self.load(
            Self.least + "intake: {scanSeconds: 7}\nsenders: {acme: {callbacks: false}}\n",
            environment: [
                "INTAKE_SCAN_SECONDS": "9", "SENDERS_ACME_ACTIONS": "payoutQueue,balanceQuery",
            ])
        #expect(configuration.intake.scanSeconds == 9)
        #expect(configuration.sender("acme").actions == ["payoutQueue", "balanceQuery"])
        let stray = try Self.problems(
            Self.least + "senders: {acme: {}}\n",
            environment: [
                "SENDERS_ACME_SEQUENCE": "true", "SENDERS_ACME_SEQUENCES": "true",
                "SENDERS_OTHER_SEQUENCE": "true", "SENDERS_DEFAULT_CALLBACKS": "false",
            ])
        #expect(
            stray.map(\.key) == [
                "SENDERS_ACME_SEQUENCES", "SENDERS_DEFAULT_CALLBACKS", "SENDERS_OTHER_SEQUENCE",
            ])
        let problems = try Self.problems(
            Self.least, environment: ["INTAKE_SCAN_SECONDS": "x", "APPROVAL_ABOVE_AMOUNT": "5"])
        #expect(Set(problems.map(\.key)) == ["intake.scanSeconds", "approval.aboveAmount"])
        #expect(problems.contains { $0.place == "environment INTAKE_SCAN_SECONDS" })
    }

    @Test("the template of init is right once its required values are filled in")
    func template() throws {
        let empty = try Self.problems(ConfigurationTemplate.text)
        #expect(
            Set(empty.map(\.key)) == [
                "skypay.callerName", "skypay.userName", "skypay.controlNumberPrefix",
                "skypay.sender",
            ])
        let temporary = try TemporarySite()
        try temporary.write("state/keys/skypay-authentication", "invented\n")
        try temporary.write("state/keys/skypay-password-key", "invented\n")
        var text = ConfigurationTemplate.text
        for (key, value) in [
            ("callerName:", "demo"), ("userName:", "Demo@skypay"),
            ("controlNumberPrefix:", "SKY99"), ("  sender:", "Demo"),
        ] {
            text = text.replacingOccurrences(of: key + " ", with: "\(key) \(value) ")
        }
        try temporary.write("batchrunner.yaml", text)
        let configuration = try RunnerConfiguration.load(site: temporary.site, environment: [:])
        #expect(configuration.skypay.sender == "Demo")
    }

    @Test("every default the template shows is the default")
    func templateDefaults() throws {
        // Uncomment the optional sections; what has no default, and names of senders, stay out.
        let lines = ConfigurationTemplate.text.split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex { $0.hasPrefix("# intake:") })
        let end = try #require(lines.firstIndex { $0.hasPrefix("# senders:") })
        let sections = lines[start..<end].map { String($0.dropFirst(2)) }
            .filter { line in !["origin:", "keep:"].contains { line.contains($0) } }
        let without = ["previous", "passwordKeyExpires"]
        let options = lines[..<start].filter { line in
            line.hasPrefix("  # ") && !without.contains { line.contains($0) }
        }.map { "  " + $0.dropFirst(4) }
        #expect(options.count == 8)
        let shown = try Self.load(
            Self.least + (options + sections).joined(separator: "\n") + "\n")
        let plain = try Self.load(Self.least)
        #expect("\(shown)" == "\(plain)")
    }
}
