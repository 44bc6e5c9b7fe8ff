import Foundation
import Glibc
import OrderedJSON
import Testing

@Suite("init")
struct InitTests {
    @Test("It prints the root key, and the new log is intact under it")
    func rootKey() async throws {
        try await apart {
            let site = try Site()
            let made = try site.run("init", ["--origin", Site.origin, "--keys", site.keys])
            #expect(made.code == 0 && made.errors.isEmpty, "\(made)")
            let key = try #require(made.lines.first)
            #expect(made.lines.count == 1 && key.hasPrefix("\(Site.origin)+"))
            let verified = try site.run("verify", ["--key", key])
            #expect(verified.code == 0, "\(verified)")
            var status = stat()
            #expect(stat(site.keys, &status) == 0 && status.st_mode & 0o777 == 0o700)
            for name in try FileManager.default.contentsOfDirectory(atPath: site.keys) {
                #expect(stat("\(site.keys)/\(name)", &status) == 0)
                if status.st_mode & S_IFMT == S_IFREG {
                    #expect(status.st_mode & 0o077 == 0, "\(name) can be read by others")
                }
            }
        }
    }

    @Test("With --json it prints one object")
    func json() async throws {
        try await apart {
            let site = try Site()
            let made = try site.run(
                "init", ["--origin", Site.origin, "--keys", site.keys, "--json"])
            let json = try JSONValue(parsing: made.output)
            #expect(json["origin"]?.stringValue == Site.origin)
            #expect(json["rootKey"]?.stringValue?.hasPrefix(Site.origin) == true)
        }
    }

    @Test("A second time it refuses and changes nothing")
    func twice() async throws {
        try await apart {
            let site = try Site.made()
            let before = try Scratch.bytes(site.log + "/checkpoint")
            let again = try site.run("init", ["--origin", Site.origin, "--keys", site.keys])
            #expect(again.code == 1 && again.output.isEmpty, "\(again)")
            #expect(again.errors.contains("holds a log already"), "\(again)")
            #expect(try Scratch.bytes(site.log + "/checkpoint") == before)
            try site.expectIntact()
        }
    }

    @Test("It does not make a log over the keys of one that is gone")
    func keysOfAnother() async throws {
        try await apart {
            let site = try Site.made()
            #expect(try site.append(input: Site.lines(0..<3)).code == 0)
            try FileManager.default.removeItem(atPath: site.log)
            let again = try site.run("init", ["--origin", Site.origin, "--keys", site.keys])
            #expect(again.code == 3 && again.errors.contains("restore"), "\(again)")
        }
    }

    @Test("A report profile and field lists given at the start stand in log.json and are obeyed")
    func profileAndFields() async throws {
        try await apart {
            let site = try Site()
            let profile = site.log + "-profile.json"
            try Data(
                """
                {"title":"Doors","currency":"PHP","amount":"data.fee","transaction":"subject.pass",\
                "countTypes":["door.opened"]}
                """.utf8
            ).write(to: URL(fileURLWithPath: profile))
            let made = try site.run(
                "init",
                [
                    "--origin", Site.origin, "--keys", site.keys, "--report-profile", profile,
                    "--index", "pass", "--personal", "badge", "--secret", "code",
                ])
            #expect(made.code == 0, "\(made)")
            let log = try JSONValue(parsing: try Scratch.bytes(site.log + "/log.json"))
            #expect(log["reportProfile"]?["currency"] == .string("PHP"))
            #expect(log["indexedFields"] == .array([.string("pass")]))
            func line(_ data: String) -> String {
                """
                {"type":"door.opened","actor":"a","outcome":"success","origin":"gate",\
                "subject":{"pass":"P1"},"data":\(data)}

                """
            }
            let refused = try site.append(input: line(#"{"code":"1234"}"#))
            #expect(refused.code == 1 && refused.errors.contains("secret"), "\(refused)")
            #expect(
                try site.append(input: line(#"{"badge":"09171234567","fee":"5.00"}"#)).code == 0)
            let stored = try site.run("search", ["--type", "door.opened"])
            #expect(stored.lines.count == 1 && stored.text.contains("*******4567"), "\(stored)")
            #expect(!stored.text.contains("09171234567"))
            try site.expectIntact()
        }
    }

    @Test(
        "A report profile that cannot be read, or that no report could use, makes no log",
        arguments: [
            (nil, "profile.json"), ("[1]", "is a JSON object"), ("{", "line 1"),
            (#"{"colour":"red"}"#, "colour"),
        ])
    func badProfile(text: String?, message: String) async throws {
        try await apart {
            let site = try Site()
            let profile = site.log + "-profile.json"
            if let text { try Data(text.utf8).write(to: URL(fileURLWithPath: profile)) }
            let made = try site.run(
                "init",
                ["--origin", Site.origin, "--keys", site.keys, "--report-profile", profile])
            #expect(made.code == 1 && made.output.isEmpty, "\(made)")
            #expect(made.errors.contains(message), "\(made)")
            #expect(!FileManager.default.fileExists(atPath: site.log + "/log.json"))
        }
    }
}
