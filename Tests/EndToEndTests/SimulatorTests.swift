import Foundation
import Testing

/// The short form of `make simulate`.
@Suite(.fewAtATime)
struct SimulatorTests {
    /// A debug build on a machine that does other things takes seconds for each history.
    private static let seconds = 900

    private func simulate(_ scratch: Scratch, _ arguments: [String]) async throws -> Ended {
        let child = try scratch.start(Binaries.simulator, arguments)
        return try await child.end(within: Self.seconds)
    }

    @Test("A few histories break no invariant, and each goes the same way twice")
    func histories() async throws {
        try await Scratch.with { scratch in
            let ended = try await simulate(
                scratch, ["--seed", "1", "--seeds", "4", "--jobs", "2", "--replay"])
            #expect(ended.code == 0, "\(ended.output)\(ended.errors)")
            #expect(ended.output.contains("4 histories, 0 with violations"))
            // The person's words once went unheard for a day, and nobody noticed.
            let words = ended.output.firstMatch(of: /([0-9]+) words of a person taken/)
            #expect((words.flatMap { Int($0.1) } ?? 0) > 0, "\(ended.output)")
        }
    }

    @Test("What must not happen is found, shortened, and brought about again by the options told")
    func shortest() async throws {
        try await Scratch.with { scratch in
            let forbidden = ["--forbid", "payout.failed"]
            let found = try await simulate(scratch, ["--seed", "1"] + forbidden)
            #expect(found.code == 1)
            #expect(found.output.contains("payout.failed"))
            let line = try #require(
                found.output.split(separator: "\n").first { $0.hasSuffix("--tell") })
            let options = line.split(separator: " ").dropFirst().map(String.init)
            // One batch with a row that fails is enough, and no crash is needed.
            #expect(options.contains("none"))
            let again = try await simulate(scratch, options + ["--all"])
            #expect(again.code == 1)
            #expect(again.output.contains("is payout.failed"), "\(line)")
        }
    }

    @Test("Options that mean nothing are refused")
    func options() async throws {
        try await Scratch.with { scratch in
            for wrong in [["--lives", "x"], ["--files", "1,,2"], ["--without", "sense"]] {
                let ended = try await simulate(scratch, wrong)
                #expect(ended.code == 64, "\(wrong): \(ended.output)")
            }
        }
    }

    /// Bugs that `make plantings` plants; a patch that no longer fits plants nothing.
    @Test(
        "Each planting fits the sources",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/patch"), "no patch"),
        arguments: [
            "final-forgotten", "answer-to-copies-forgotten", "send-before-intent",
            "unknown-as-failed", "unlink-before-claim",
        ])
    func plantings(_ name: String) async throws {
        try await Scratch.with { scratch in
            let child = try scratch.start(
                "/usr/bin/patch",
                [
                    "--dry-run", "--force", "--strip=1", "--directory", Repository.root,
                    "--input", "\(Repository.root)/scripts/plantings/\(name).patch",
                ])
            let ended = try await child.end(within: 60)
            #expect(ended.code == 0, "\(ended.output)\(ended.errors)")
        }
    }
}
