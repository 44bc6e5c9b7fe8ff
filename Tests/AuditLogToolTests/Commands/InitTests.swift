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
}
