import Foundation
import Testing

/// Every command there is, as `auditlog --help` names them: what lands later is held to the same.
@Suite("Help and usage")
struct HelpTests {
    private static func commands() throws -> [String] {
        let help = try Scratch().run([Tool.path, "--help"])
        let rest = help.text.components(separatedBy: "SUBCOMMANDS:\n").last ?? ""
        return rest.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("  "), !line.hasPrefix("   "), !line.hasPrefix("  See ") else {
                return nil
            }
            return line.split(separator: " ").first.map(String.init)
        }
    }

    @Test("The tool names its commands and exit codes")
    func overview() async throws {
        try await apart {
            let help = try Scratch().run([Tool.path, "--help"])
            #expect(help.code == 0)
            for code in [
                "0   intact", "1   could not run", "2   damaged", "3   behind", "64  usage",
            ] {
                #expect(help.text.contains(code), "\(code)")
            }
            let commands = try Self.commands()
            for name in ["init", "append", "verify", "show", "search", "checkpoint"] {
                #expect(commands.contains(name), "\(name)")
            }
        }
    }

    @Test("Every command's help shows an example, where the log is, and --json")
    func examples() async throws {
        try await apart {
            let scratch = try Scratch()
            for command in try Self.commands() {
                let help = try scratch.run([Tool.path, command, "--help"])
                #expect(help.code == 0, "\(command): \(help)")
                // Of a command with commands of its own, one of them may be the example.
                #expect(help.text.contains("auditlog \(command)"), "\(command) shows no example")
                if help.text.contains("SUBCOMMANDS:") { continue }
                #expect(help.text.contains("--json"), "\(command) has no --json")
            }
        }
    }

    @Test("An unknown option or command is a mistake in usage, and nothing is touched")
    func unknown() async throws {
        try await apart {
            let site = try Site()
            for command in try Self.commands() + ["no-such-command"] {
                let ended = try site.scratch.run([Tool.path, command, "--no-such-option"])
                #expect(ended.code == 64, "\(command): \(ended)")
                #expect(ended.output.isEmpty && ended.errors.contains("Usage:"), "\(command)")
            }
            let bad = [
                ["init"], ["init", "--origin", ""], ["init", "--origin", "two words"],
                ["append", "--seal-bytes", "0"], ["show"], ["show", "first"], ["show", "-1"],
            ]
            for words in bad {
                let ended = try site.scratch.run([Tool.path] + words)
                #expect(ended.code == 64, "\(words): \(ended)")
            }
            #expect(!FileManager.default.fileExists(atPath: site.log))
        }
    }

    @Test("Without a log every reading command says where it looked, exit 1")
    func noLog() async throws {
        try await apart {
            let site = try Site()
            for words in [["verify"], ["show", "0"], ["search", "x"], ["checkpoint"]] {
                let ended = try site.run(words[0], Array(words.dropFirst()))
                #expect(ended.code == 1, "\(words): \(ended)")
                #expect((ended.text + ended.errors).contains(site.log), "\(words): \(ended)")
            }
            let appended = try site.append(input: Site.line(1))
            #expect(appended.code == 1, "\(appended)")
            #expect(appended.errors.contains(site.scratch.folder), "\(appended)")
        }
    }
}
