import Foundation
import Testing

@testable import BatchRunner

@Suite("Secrets of the configuration")
struct SecretsTests {
    static func yaml(url: String = "http://127.0.0.1:8080/services", _ secrets: String) -> String {
        """
        skypay:
          url: \(url)
          callerName: demo
          userName: Demo@skypay
          controlNumberPrefix: SKY99
          sender: Demo
        \(secrets)
        """
    }

    static let files = "  authenticationFile: a\n  passwordKeyFile: keys/p\n"

    @Test(
        "a secret file gives its line without the line end",
        arguments: ["secret", "secret\n", "secret\r\n"])
    func fileContents(_ contents: String) throws {
        let temporary = try TemporarySite()
        try temporary.write("batchrunner.yaml", Self.yaml(Self.files))
        try temporary.write("a", contents)
        try FileManager.default.createDirectory(
            atPath: temporary.site.resolve("keys"), withIntermediateDirectories: true)
        try temporary.write("keys/p", " spaces kept ")
        let configuration = try RunnerConfiguration.load(site: temporary.site, environment: [:])
        #expect(configuration.skypay.authentication.reveal() == "secret")
        #expect(configuration.skypay.passwordKey.reveal() == " spaces kept ")
    }

    @Test(
        "a secret file that is open, empty, of two lines, too long, or missing is refused",
        arguments: [
            ("x\n", UInt32(0o644), "chmod 600"), ("x\n", 0o604, "chmod 600"),
            ("x\n", 0o602, "chmod 600"), ("", 0o600, "empty"),
            ("\n", 0o600, "empty"), ("x\ny\n", 0o600, "more than one line"),
            (String(repeating: "x", count: 5_000), 0o600, "cannot be read"),
            (String(repeating: "x", count: 300), 0o600, "at most 255"),
        ])
    func badFiles(_ contents: String, _ mode: UInt32, _ message: String) throws {
        let temporary = try TemporarySite()
        try temporary.write(
            "batchrunner.yaml", Self.yaml("  authenticationFile: a\n  passwordKey: k\n"))
        try temporary.write("a", contents, mode: mode)
        let faults = #expect(throws: ConfigurationFaults.self) {
            try RunnerConfiguration.load(site: temporary.site, environment: [:])
        }
        #expect(faults?.problems.count == 1)
        #expect(faults?.problems.first?.key == "skypay.authenticationFile")
        #expect(faults?.description.contains(message) == true)
    }

    @Test("the key before a key change is read from its file")
    func previousKey() throws {
        let temporary = try TemporarySite()
        try temporary.write(
            "batchrunner.yaml",
            Self.yaml("  authentication: a\n  passwordKey: k\n  previousPasswordKeyFile: old\n"))
        #expect(throws: ConfigurationFaults.self) {
            try RunnerConfiguration.load(site: temporary.site, environment: [:])
        }
        try temporary.write("old", "before\n")
        let configuration = try RunnerConfiguration.load(site: temporary.site, environment: [:])
        #expect(configuration.skypay.previousPasswordKey?.reveal() == "before")
    }

    @Test("a secret given twice is refused: nobody could tell which one counts")
    func twice() throws {
        let problems = try ConfigurationTests.problems(
            Self.yaml("  authentication: a\n  authenticationFile: b\n  passwordKey: k\n"))
        #expect(problems.map(\.key) == ["skypay.authentication"])
    }

    @Test("away from this machine a configuration with secrets must be private")
    func openConfiguration() throws {
        let secrets = "  authentication: a\n  passwordKey: k\n"
        let remote = Self.yaml(url: "https://test.skypay.ph/services", secrets)
        let problems = try ConfigurationTests.problems(remote, mode: 0o644)
        #expect(
            Set(problems.map(\.key)) == ["skypay.authentication", "skypay.passwordKey"])
        #expect(try ConfigurationTests.problems(remote, mode: 0o640).isEmpty)
        #expect(try ConfigurationTests.problems(Self.yaml(secrets), mode: 0o644).isEmpty)
    }

    @Test("nothing that prints a configuration shows a secret")
    func hidden() throws {
        let configuration = try ConfigurationTests.load(
            Self.yaml("  authentication: hidden-one\n  passwordKey: hidden-two\n"))
        var dumped = ""
        dump(configuration, to: &dumped)
        let texts = ["\(configuration)", String(reflecting: configuration), dumped]
        for text in texts { #expect(!text.contains("hidden-")) }
        let faults = try ConfigurationTests.problems(
            Self.yaml(
                "  authentication: \(String(repeating: "hidden-", count: 99))\n"
                    + "  passwordKey: hidden-two\n"))
        #expect(faults.count == 1)
        #expect(!"\(faults)".contains("hidden-"))
    }

    @Test(
        "a value that is taken for a name, or for a part of one, is not shown",
        arguments: [
            ("passwordKey:hidden-word", "skypay.passwordKey"),
            ("passwordKey=hidden-word: x", "skypay.passwordKey"),
            ("pasword:hidden-word: x", "skypay.pasword…"), ("passwordKey, hidden-word", "skypay"),
            ("hidden-word", "skypay"),
        ])
    func takenForName(_ keys: String, _ key: String) throws {
        let problems = try ConfigurationTests.problems("skypay: {\(keys)}\n")
        #expect(problems.contains { $0.key == key }, "\(problems)")
        #expect(!"\(problems)".contains("hidden"))
        let twice = try ConfigurationTests.problems("skypay: {\(keys), \(keys)}\n")
        #expect(!twice.isEmpty && !"\(twice)".contains("hidden"))
    }

    @Test(
        "mode and address must agree, and live money needs https",
        arguments: [
            ("test", "https://api.skypay.ph/services", "money would move"),
            ("live", "https://test.skypay.ph/services", "mode is live"),
            ("live", "http://127.0.0.1:1/services", "mode is live"),
            ("live", "http://api.skypay.ph/services", "https://"),
            ("test", "http://test.skypay.ph/services", "https://"),
        ])
    func modes(_ mode: String, _ url: String, _ message: String) throws {
        let yaml = Self.yaml(url: url, "  authentication: a\n  passwordKey: k\nmode: \(mode)\n")
        let problems = try ConfigurationTests.problems(yaml)
        try #require(problems.count == 1)
        #expect(problems[0].message.contains(message))
    }

    @Test("live with its own address over https is accepted, and callbacks are then off")
    func live() throws {
        let configuration = try ConfigurationTests.load(
            Self.yaml(
                url: "https://api.skypay.ph/services",
                "  authentication: a\n  passwordKey: k\nmode: live\n"))
        #expect(configuration.mode == .live)
        #expect(!configuration.sender("").acceptsCallbacks)
    }

    @Test(
        "away from loopback the waits may not be shortened",
        arguments: [
            ("  queryAfterSeconds: 299\n", "skypay.queryAfterSeconds"),
            ("  queryEverySeconds: 1799\n", "skypay.queryEverySeconds"),
            ("intake: {settleSeconds: 0}\n", "intake.settleSeconds"),
        ])
    func minima(_ line: String, _ key: String) throws {
        let secrets = "  authentication: a\n  passwordKey: k\n" + line
        let remote = try ConfigurationTests.problems(
            Self.yaml(url: "https://test.skypay.ph/services", secrets))
        #expect(remote.map(\.key) == [key])
        #expect(try ConfigurationTests.problems(Self.yaml(secrets)).isEmpty)
    }
}
