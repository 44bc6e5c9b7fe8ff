import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("One change of the password key after another")
struct KeyChangeTests {
    private static let file = "state/keys/skypay-password-key"
    private static let kept = file + PasswordKeys.previousSuffix

    private let temporary: TemporarySite

    /// A site whose key was changed from `old` to `wrong`.
    init() async throws {
        temporary = try TemporarySite()
        try temporary.write(Self.file, "old\n")
        try temporary.write(
            "batchrunner.yaml",
            ConfigurationTests.least.replacing(
                "passwordKey: an-invented-key", with: "passwordKeyFile: \(Self.file)"))
        try await change(to: "wrong", inForce: "old", asking: [])
    }

    /// Works on the site as one process does, and leaves it.
    private func working(_ body: (RunnerSite) async throws -> Void) async throws {
        let folder = temporary.site
        let site = try await RunnerSite.open(
            folder, try RunnerConfiguration.load(site: folder, environment: [:]))
        do {
            try await body(site)
        } catch {
            try? await site.close()
            throw error
        }
        try await site.close()
    }

    /// - Parameters:
    ///   - present: the key SkyPay opens; nil when it does not answer.
    ///   - asked: the keys it is asked about, in their order.
    private func change(
        to key: String, overlapHours: Int = 24, inForce present: String?, asking asked: [String]
    ) async throws {
        try await working { site in
            var heard: [String] = []
            defer { #expect(heard == asked) }
            let change = KeyChange(
                key: Secret(key), expires: nil, overlapHours: overlapHours
            ) { trial in
                heard.append(trial.reveal())
                return trial.reveal() == present
            }
            _ = try await change.perform(on: site)
        }
    }

    /// The keys in the files, and those the log knows, are these.
    private func expect(
        _ present: String, before: String?, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        try await working { site in
            let settings = site.configuration.skypay
            #expect(settings.passwordKey == Secret(present), sourceLocation: location)
            #expect(
                settings.previousPasswordKey == before.map { Secret($0) },
                sourceLocation: location)
            let record = try site.journal.ledger.keyRecord()
            let keys = site.passwordKeys
            #expect(record?.key == keys.name(of: Secret(present)), sourceLocation: location)
            #expect(
                record?.previous == before.map { keys.name(of: Secret($0)) },
                sourceLocation: location)
        }
        #expect(try temporary.text(Self.file) == present + "\n", sourceLocation: location)
        #expect(temporary.exists(Self.kept) == (before != nil), sourceLocation: location)
        if let before {
            #expect(try temporary.text(Self.kept) == before + "\n", sourceLocation: location)
        }
    }

    @Test("After a wrong key the one before it is kept, for as long as SkyPay opens it")
    func wrongThenRight() async throws {
        try await expect("wrong", before: "old")
        try await change(to: "right", inForce: "old", asking: ["wrong", "old"])
        try await expect("right", before: "old")
        try await change(to: "third", inForce: "right", asking: ["right"])
        try await expect("third", before: "right")
    }

    @Test("Where the new key is in force already, the present one is kept, as always")
    func inForceAlready() async throws {
        try await change(to: "right", inForce: "right", asking: ["wrong", "old", "right"])
        try await expect("right", before: "wrong")
    }

    @Test("Where nobody knows which key to keep, nothing is changed, unless none is to be kept")
    func notKnown() async throws {
        do {
            try await change(to: "right", inForce: nil, asking: ["wrong", "old", "right"])
            Issue.record("it was changed")
        } catch let refusal as CommandFailure {
            #expect(refusal.status == .providerUnavailable)
        }
        try await expect("wrong", before: "old")
        try await change(to: "right", overlapHours: 0, inForce: nil, asking: [])
        try await expect("right", before: nil)
    }

    @Test("Only an answer in the key itself, with a code that shows a reading, proves the key")
    func proof() {
        func isProof(_ code: String, sealed isSealed: Bool) -> Bool {
            let answer = Answer(
                code: ReturnCode(rawValue: code), description: "", responseTime: "", fields: [:],
                httpStatus: 200, wasDecrypted: isSealed)
            return RotateKeyCommand.provesKey(.answered(answer))
        }
        for code in ["1000", "-1001"] {
            #expect(isProof(code, sealed: true) && !isProof(code, sealed: false), "\(code)")
        }
        for code in ["-1000", "-9999", "-1009", "-1032", "7777"] {
            #expect(!isProof(code, sealed: true) && !isProof(code, sealed: false), "\(code)")
        }
        #expect(!RotateKeyCommand.provesKey(.unknown(reason: "time-out")))
    }

    @Test("Cut off after its event, a change leaves the wrong key and the one that works")
    func cutOff() async throws {
        try await working { site in
            let keys = site.passwordKeys
            try await keys.record(
                KeyRecord(
                    key: keys.name(of: Secret("right")), previous: keys.name(of: Secret("old")),
                    previousUntil: site.clock.unixSeconds() + 3_600), source: "rotate-key")
        }
        try await expect("wrong", before: "old")
        try await change(to: "right", inForce: "old", asking: ["wrong", "old"])
        try await expect("right", before: "old")
    }
}
