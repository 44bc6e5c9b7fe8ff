import Foundation
import Glibc
import OrderedJSON
import Testing

/// The short form of `make kills`, through the program a customer has.
@Suite(.fewAtATime)
struct SelfTestTests {
    @Test("Ten kills with a faulty provider: passed; and its judge can fail")
    func kills() async throws {
        try await Scratch.with { scratch in
            let folder = scratch.folder + "/trial"
            let ended = try await scratch.run(
                Binaries.batchrunner,
                [
                    "selftest", "--folder", folder, "--kills", "10", "--seed", "11", "--keep",
                    "--json",
                ],
                within: 600)
            #expect(ended.code == 0, "\(ended.output)\(ended.errors)")
            let verdict = try JSONValue(parsing: Array(ended.output.utf8))
            #expect(verdict["passed"]?.booleanValue == true)
            #expect((verdict["kills"]?["all"]?.integerValue ?? 0) >= 10)
            #expect((verdict["kills"]?["atNamedMoments"]?.objectValue?.members.count ?? 0) >= 1)
            #expect((verdict["counted"]?["ends"]?["paid"]?["rows"]?.integerValue ?? 0) > 0)
            #expect(verdict["logVerified"]?.booleanValue == true)
            let page = try String(contentsOfFile: folder + "/verdict.txt", encoding: .utf8)
            #expect(page.contains("VERDICT: PASSED."))
            try await judge(scratch, folder)
        }
    }

    /// Honest first, then with one payment more in the provider's ledger and one byte less in a
    /// response.
    private func judge(_ scratch: Scratch, _ folder: String) async throws {
        let words = ["selftest", "--judge", folder]
        let honest = try await scratch.run(Binaries.batchrunner, words)
        #expect(honest.code == 0, "\(honest.output)\(honest.errors)")
        let ledger = folder + "/provider/ledger.jsonl"
        let lines = try String(contentsOfFile: ledger, encoding: .utf8)
        let applied = try #require(
            lines.split(separator: "\n").first { $0.contains(#""event":"applied""#) })
        let number = try #require(
            try JSONValue(parsing: Array(applied.utf8))["controlNumber"]?.stringValue)
        try Scratch.put(lines + applied + "\n", at: ledger)
        let outbox = folder + "/site/outbox"
        let result = try #require(
            try FileManager.default.subpathsOfDirectory(atPath: outbox).sorted()
                .first { $0.hasSuffix(".result.csv") })
        let bytes = try Data(contentsOf: URL(fileURLWithPath: outbox + "/" + result))
        try Scratch.put(Array(bytes.dropLast()), at: outbox + "/" + result)
        let doctored = try await scratch.run(Binaries.batchrunner, words)
        #expect(doctored.code == 1, "\(doctored.errors)")
        #expect(doctored.output.contains("I1: \(number) moved money 2 times\n"))
        #expect(doctored.output.contains("I6: \(result) is not what was promised\n"))
    }

    @Test("A folder that is not empty is left alone; nothing was proved then")
    func foreignFolder() async throws {
        try await Scratch.with { scratch in
            let file = try scratch.write("mine.txt", "mine")
            for (words, code) in [
                (["--folder", scratch.folder], 2), (["--judge", scratch.folder], 2),
                (["--kills", "0"], 64),
            ] as [([String], Int32)] {
                let ended = try await scratch.run(Binaries.batchrunner, ["selftest"] + words)
                #expect(ended.code == code, "\(ended)")
                #expect(!ended.errors.isEmpty)
            }
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
            let site = try FileManager.default.contentsOfDirectory(atPath: scratch.folder)
            #expect(!site.contains("site"))
        }
    }

    @Test("Killed itself, it leaves no program behind")
    func killed() async throws {
        try await Scratch.with { scratch in
            let folder = scratch.folder + "/trial"
            let child = try scratch.start(
                Binaries.batchrunner, ["selftest", "--folder", folder, "--kills", "1000"])
            // The sandbox, the runner, and what watches that the self-test is there.
            let started = try await eventually("it has started its programs") { () -> [pid_t]? in
                let found = try Processes.children(of: child.pid)
                return found.count >= 3 ? found : nil
            }
            #expect(child.kill().signal == SIGKILL)
            _ = try await eventually("they are gone") {
                started.contains(where: Processes.isRunning) ? nil : true
            }
        }
    }

    @Test("Stopped in the middle it ends what it started, and says that nothing was proved")
    func stopped() async throws {
        try await Scratch.with { scratch in
            let folder = scratch.folder + "/trial"
            let child = try scratch.start(
                Binaries.batchrunner, ["selftest", "--folder", folder, "--kills", "1000"])
            let configuration = folder + "/site/batchrunner.yaml"
            let port = try await eventually("the site is there") { () -> Int? in
                if let ended = child.result { throw HarnessFailure("it ended: \(ended)") }
                guard FileManager.default.fileExists(atPath: folder + "/logs/runner.txt") else {
                    return nil
                }
                let text = try String(contentsOfFile: configuration, encoding: .utf8)
                return text.split(separator: "127.0.0.1:").last?.split(separator: "/").first
                    .flatMap { Int($0) }
            }
            child.send(SIGTERM)
            let ended = try await child.end()
            #expect(ended.code == 2, "\(ended)")
            #expect(ended.errors.contains("nothing was proved"))
            #expect(throws: HarnessFailure.self) { close(try Loopback.connect(port)) }
        }
    }
}

/// What /proc tells of processes.
private enum Processes {
    /// Those a process has started that still run.
    static func children(of parent: pid_t) throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
            .filter { state(of: $0)?.parent == parent && isRunning($0) }
    }

    /// False for one that has ended and waits to be noticed, too.
    static func isRunning(_ pid: pid_t) -> Bool {
        state(of: pid).map { !"ZX".contains($0.letter) } ?? false
    }

    /// `PID (NAME) STATE PARENT …`; the name may hold anything.
    private static func state(of pid: pid_t) -> (letter: String, parent: pid_t)? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let words = text[text.index(after: end)...].split(separator: " ")
        guard words.count > 1, let parent = pid_t(words[1]) else { return nil }
        return (String(words[0]), parent)
    }
}
