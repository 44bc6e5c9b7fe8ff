import Foundation
import Glibc
import OrderedJSON
import Testing

@Suite("Reading commands")
struct ReadingTests {
    private static func filled() throws -> Site {
        let site = try Site.made()
        let appended = try site.append(input: Site.lines(0..<40))
        try #require(appended.code == 0, "\(appended)")
        return site
    }

    @Test("show prints events as they are, and says which are not there")
    func show() async throws {
        try await apart {
            let site = try Self.filled()
            let shown = try site.run("show", ["0", "2", "--json"])
            #expect(shown.code == 0, "\(shown)")
            let all = try site.zcat().lines
            #expect(shown.lines == [all[0], all[2]])
            let missing = try site.run("show", ["1", "100000"])
            #expect(missing.code == 1 && missing.errors.contains("100000"), "\(missing)")
            #expect(try JSONValue(parsing: missing.output)["seq"]?.integerValue == 1)
        }
    }

    @Test("search prints the lines that match, and exits with 1 when there are none")
    func search() async throws {
        try await apart {
            let site = try Self.filled()
            let found = try site.run("search", ["--reference", "R7"])
            #expect(found.code == 0 && found.lines.count == 1, "\(found)")
            #expect(try site.zcat().lines.contains(found.lines[0]))
            let none = try site.run("search", ["--reference", "R700"])
            #expect(none.code == 1 && none.output.isEmpty, "\(none)")
            #expect(none.errors.contains("found 0"), "\(none)")
            let proved = try site.run("search", ["--reference", "R700", "--complete"])
            #expect(proved.code == 1 && proved.errors != none.errors, "\(proved)")
        }
    }

    @Test("verify says in words, and with --json in one object, what is proved")
    func verify() async throws {
        try await apart {
            let site = try Self.filled()
            let words = try site.run("verify")
            #expect(words.code == 0 && words.text.contains("proved: "), "\(words)")
            #expect(words.text.contains("not proved: authenticity"), "\(words)")
            let json = try JSONValue(parsing: try site.run("verify", ["--json"]).output)
            #expect(json.objectValue != nil)
        }
    }

    @Test("A flipped byte in the events is exit 2, with its place; search and show do not print on")
    func damaged() async throws {
        try await apart {
            let site = try Self.filled()
            let segment = try #require(site.segments().first)
            try site.damage(segment)
            let verified = try site.run("verify")
            #expect(verified.code == 2 && verified.text.contains("segments/0"), "\(verified)")
            #expect(verified.text.contains("DAMAGED OR ALTERED"), "\(verified)")
            let json = try site.run("verify", ["--json"])
            #expect(json.code == 2 && (try? JSONValue(parsing: json.output)) != nil, "\(json)")
            let complete = try site.run("search", ["--reference", "R7", "--complete"])
            #expect(complete.code == 2 && complete.output.isEmpty, "\(complete)")
            #expect(try site.append(input: Site.line(1)).code != 0)
        }
    }

    @Test("A log older than the checkpoint given, or than its pin, is exit 3")
    func behind() async throws {
        try await apart {
            let site = try Self.filled()
            let older = site.scratch.folder + "/older"
            let copied = try site.scratch.run(["/bin/cp", "-a", site.log, older])
            try #require(copied.code == 0)
            #expect(try site.append(input: Site.line(1)).code == 0)
            let kept = try site.keepCheckpoint()
            #expect(try site.run("verify", ["--since", kept]).code == 0)
            try FileManager.default.removeItem(atPath: site.log)
            try FileManager.default.moveItem(atPath: older, toPath: site.log)
            let verified = try site.run("verify", ["--since", kept])
            #expect(verified.code == 3, "\(verified)")
            let opened = try site.append(input: "")
            #expect(opened.code == 3 && opened.errors.contains("restore"), "\(opened)")
        }
    }

    @Test("A checkpoint printed is the one published, also as JSON")
    func checkpoint() async throws {
        try await apart {
            let site = try Self.filled()
            let printed = try site.run("checkpoint")
            #expect(printed.output == (try Scratch.bytes(site.log + "/checkpoint")))
            let json = try JSONValue(parsing: try site.run("checkpoint", ["--json"]).output)
            #expect(json["checkpoint"]?.stringValue == printed.text)
            #expect(json["size"]?.integerValue == (try site.events().count))
        }
    }
}
