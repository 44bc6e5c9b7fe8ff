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
