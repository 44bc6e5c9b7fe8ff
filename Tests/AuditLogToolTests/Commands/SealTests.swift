import Foundation
import Glibc
import OrderedJSON
import Testing

@Suite("seal and reindex")
struct SealTests {
    private static func sealed() throws -> Site {
        let site = try Site.made()
        try #require(try site.append(input: Site.lines(0..<400)).code == 0)
        try #require(try site.keyed("seal").code == 0)
        return site
    }

    private static func index(_ site: Site) -> String {
        site.log + "/segments/000000000000.index"
    }

    private static func type(_ type: String, in site: Site) throws -> [JSONValue] {
        try site.events().filter { $0["type"]?.stringValue == type }
    }

    @Test("A sealed segment is read-only, smaller, and its events are the same; a new epoch begins")
    func seal() async throws {
        try await apart {
            let site = try Site.made()
            #expect(try site.append(input: Site.lines(0..<400)).code == 0)
            let before = try site.zcat().lines
            let kept = try site.keepCheckpoint()
            let sealed = try site.keyed("seal", ["--json"])
            #expect(sealed.code == 0, "\(sealed)")
            let after = try site.zcat().lines
            #expect(after.starts(with: before))
            let size = try JSONValue(parsing: sealed.output)["size"]?.integerValue
            #expect(size == after.count - 1, "closed follows")
            let segments = try site.segments()
            #expect(segments.count == 2)
            var status = stat()
            #expect(stat(segments[0], &status) == 0 && status.st_mode & 0o777 == 0o444)
            #expect(try Self.type("auditlog.sealed", in: site).count == 1)
            #expect(try Self.type("auditlog.epoch", in: site).count == 1)
            let keys = try FileManager.default.contentsOfDirectory(atPath: site.keys)
                .filter { $0.hasPrefix("epoch-") }
            #expect(keys == ["epoch-000001.key"])
            try site.expectIntact(since: kept)
        }
    }

    @Test("A missing or damaged index is made anew, recorded, and searching uses it again")
    func reindex() async throws {
        try await apart {
            let site = try Self.sealed()
            let good = try Scratch.bytes(Self.index(site))
            let nothing = try site.keyed("reindex", ["--json"])
            #expect(
                try JSONValue(parsing: nothing.output) == ["reindexed": [], "tree": false],
                "\(nothing)")
            for round in ["missing", "damaged"] {
                if round == "missing" {
                    try FileManager.default.removeItem(atPath: Self.index(site))
                } else {
                    try site.damage(Self.index(site))
                }
                let found = try site.run("search", ["--reference", "R7"])
                #expect(found.code == 0 && found.lines.count == 1, "\(round): \(found)")
                let made = try site.keyed("reindex")
                #expect(made.code == 0 && made.text.contains("indexed anew"), "\(made)")
                #expect(try Scratch.bytes(Self.index(site)) == good, "\(round)")
                try site.expectIntact(round)
            }
            #expect(try Self.type("auditlog.reindexed", in: site).count == 2)
        }
    }

    @Test("An archive that does not hold what was sealed is not indexed: exit 2, nothing recorded")
    func damagedArchive() async throws {
        try await apart {
            let site = try Self.sealed()
            try FileManager.default.removeItem(atPath: Self.index(site))
            try site.damage(try #require(site.segments().first))
            let ended = try site.keyed("reindex")
            #expect(ended.code == 2 && ended.output.isEmpty, "\(ended)")
            #expect(ended.errors.contains("000000000000"), "\(ended)")
            #expect(!FileManager.default.fileExists(atPath: Self.index(site)))
            let last = try site.scratch.run(["/bin/zcat", try #require(site.segments().last)])
            #expect(!last.text.contains("auditlog.reindexed"))
        }
    }
}
