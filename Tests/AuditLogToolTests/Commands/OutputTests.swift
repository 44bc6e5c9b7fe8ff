import Foundation
import Glibc
import OrderedJSON
import Testing

@Suite("Output")
struct OutputTests {
    @Test("A reader that goes away ends a search quietly")
    func head() async throws {
        try await apart {
            let site = try Site.made()
            #expect(try site.append(input: Site.lines(0..<5_000)).code == 0)
            let search = site.words("search", ["--type", "door."])
            let ended = try site.scratch.run(
                ["/bin/bash", "-c", "\"$@\" | head -n 1; exit ${PIPESTATUS[0]}", "bash"] + search)
            #expect(ended.code == 0 && ended.lines.count == 1, "\(ended)")
            #expect(!ended.errors.contains("pipe"), "\(ended)")
        }
    }

    @Test("A closed standard output costs neither verify its verdict nor append its events")
    func closed() async throws {
        try await apart {
            let site = try Site.made()
            func closed(_ words: [String], _ input: String = "") throws -> Ended {
                try site.scratch.run(
                    ["/bin/sh", "-c", "exec \"$@\" >&-", "sh"] + words, input: Array(input.utf8))
            }
            let appended = try closed(
                site.words("append", ["--keys", site.keys, "--ack"]), Site.lines(0..<10))
            #expect(appended.code == 0, "\(appended)")
            #expect(try site.events().filter { $0["data"]?["n"] != nil }.count == 10)
            #expect(try closed(site.words("verify", [])).code == 0)
            try Scratch.put([0], at: site.log + "/checkpoint")
            #expect(try closed(site.words("verify", [])).code == 2)
        }
    }

    @Test(
        "With outputs closed nothing that would be told gets into the log's files",
        arguments: [">&- 2>&-", "<&- >&- 2>&-", "2>&-"])
    func closedAll(_ closing: String) async throws {
        try await apart {
            let site = try Site.made()
            let appended = try site.scratch.run(
                ["/bin/sh", "-c", "exec \"$@\" \(closing)", "sh"]
                    + site.words("append", ["--keys", site.keys, "--ack"]),
                input: Array((Site.lines(0..<3) + "no event\n").utf8))
            #expect(appended.code == 1, "\(appended)")
            #expect(try Scratch.bytes(site.keys + "/writer.lock").isEmpty)
            try site.expectIntact()
            let again = try site.append(["--ack"], input: Site.lines(3..<5))
            #expect(again.code == 0 && again.lines.count == 2, "\(again)")
            try site.expectIntact()
        }
    }

    @Test("Output that cannot be written is told and is no success; a verdict stays what it is")
    func fullDisk() async throws {
        try await apart {
            let site = try Site.made()
            #expect(try site.append(input: Site.lines(0..<40)).code == 0)
            let kept = try site.keepCheckpoint()
            func full(_ words: [String], _ input: String = "") throws -> Ended {
                try site.scratch.run(
                    ["/bin/sh", "-c", "exec \"$@\" > /dev/full", "sh"] + words,
                    input: Array(input.utf8))
            }
            for words in [
                ["search", "--reference", "R7"], ["checkpoint"], ["show", "3", "--json"],
                ["prove", "3"], ["verify"], ["stats"], ["tail"],
                ["report", "--day", "2026-11-21", "--output", "-"],
            ] {
                let ended = try full(site.words(words[0], Array(words.dropFirst())))
                #expect(ended.code == 1, "\(words): \(ended)")
                #expect(ended.errors.contains("standard output cannot be written"), "\(ended)")
            }
            // What has no number will be sent again, so no more is taken than the first piece.
            let before = try site.events().count { $0["data"]?["n"] != nil }
            let append = site.words("append", ["--keys", site.keys, "--ack"])
            let appended = try full(append, Site.lines(0..<5_000))
            let recorded = try site.events().count { $0["data"]?["n"] != nil } - before
            #expect(appended.code == 1 && recorded > 0 && recorded < 5_000, "\(appended)")
            #expect(appended.errors.contains("; \(recorded) events were recorded, the last as"))
            try site.expectIntact(since: kept)
            try Scratch.put([0], at: site.log + "/checkpoint")
            #expect(try full(site.words("verify", [])).code == 2)
        }
    }

    @Test("Without a terminal there is no progress and no escape sequence")
    func noTerminal() async throws {
        try await apart {
            let site = try Site.made()
            #expect(try site.append(input: Site.lines(0..<100)).code == 0)
            for words in [["verify"], ["search", "--type", "door."], ["show", "3"]] {
                let ended = try site.run(words[0], Array(words.dropFirst()))
                #expect(!ended.text.contains("\u{1B}") && !ended.errors.contains("\u{1B}"))
                #expect(!ended.errors.contains("\r"), "\(words)")
            }
        }
    }

    @Test("A folder that cannot be written is told with its path and what to check")
    func readOnlyFolder() async throws {
        // Root may write anywhere, so the folder is a file.
        try await apart {
            let site = try Site()
            try Scratch.put([], at: site.log)
            let made = try site.run("init", ["--origin", Site.origin, "--keys", site.keys])
            #expect(made.code == 1 && made.errors.contains(site.log), "\(made)")
            #expect(made.output.isEmpty)
        }
    }
}
