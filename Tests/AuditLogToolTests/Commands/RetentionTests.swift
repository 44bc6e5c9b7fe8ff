import Foundation
import OrderedJSON
import Testing

@Suite("retention")
struct RetentionTests {
    private static func starts(_ site: Site) throws -> [String] {
        try site.segments().map { ($0 as NSString).lastPathComponent }
    }

    private static func retention(_ site: Site, _ words: [String]) throws -> Ended {
        try site.scratch.run(
            [Tool.path, "retention", words[0], "--log", site.log, "--keys", site.keys]
                + words.dropFirst())
    }

    private static func removed(_ ended: Ended) throws -> [Int] {
        try JSONValue(parsing: ended.output)["segments"]?.arrayValue?
            .compactMap { $0["first"]?.integerValue } ?? []
    }

    @Test("Every day is covered, and a missing segment is a gap: exit 2")
    func check() async throws {
        let site = try await OldSite.made()
        try await apart {
            let key = ["--key", try site.rootKey()]
            let whole = try Self.retention(site, ["check", "--json"] + key)
            let json = try JSONValue(parsing: whole.output)
            #expect(whole.code == 0 && json["complete"] == true, "\(whole)")
            let days = json["days"]?.arrayValue?.compactMap { $0["date"]?.stringValue }
            #expect(days == OldSite.days)
            try FileManager.default.removeItem(atPath: try site.segments()[1])
            let gap = try Self.retention(site, ["check"] + key)
            #expect(gap.code == 2, "\(gap)")
        }
    }

    @Test("A dry run tells what apply then removes; what remains is proved as before")
    func apply() async throws {
        let site = try await OldSite.made()
        try await apart {
            let kept = try site.keepCheckpoint()
            let before = try Self.starts(site)
            let tree = try Scratch.bytes(site.log + "/checkpoint")
            let dry = try Self.retention(site, ["apply", "--keep", "5y", "--dry-run", "--json"])
            #expect(dry.code == 0, "\(dry)")
            #expect(try Self.starts(site) == before)
            #expect(try Scratch.bytes(site.log + "/checkpoint") == tree)
            // The third day is not sealed yet: opening seals it.
            #expect(try Self.removed(dry).count == 2)
            let none = try Self.retention(site, ["apply", "--keep", "500y", "--json"])
            #expect(try none.code == 0 && Self.removed(none).isEmpty, "\(none)")
            let done = try Self.retention(site, ["apply", "--keep", "5y", "--json"])
            #expect(try done.code == 0 && Self.removed(done).count == 3, "\(done)")
            #expect(try Set(Self.starts(site)).isDisjoint(with: before))
            let root = ["--key", try site.rootKey()]
            #expect(try site.run("verify", ["--since", kept] + root).code == 0)
            let check = try Self.retention(site, ["check", "--json"] + root)
            let days = try JSONValue(parsing: check.output)["days"]?.arrayValue ?? []
            #expect(check.code == 0 && days.prefix(3).allSatisfy { $0["retired"] == true })
            let gone = try site.run("show", ["3"])
            #expect(gone.code == 1 && gone.errors.contains("retention time"), "\(gone)")
            #expect(try site.append(input: Site.line(1)).code == 0)
            try site.expectIntact()
        }
    }

    @Test("Days on hold stay, and what is behind them, until the hold is released")
    func hold() async throws {
        let site = try await OldSite.made()
        try await apart {
            let (day, reason) = (OldSite.days[1], ["--reason", "case 17"])
            let held = try Self.retention(site, ["hold", "--from", day, "--to", day] + reason)
            #expect(held.code == 0 && held.lines.count == 1, "\(held)")
            let id = try #require(held.lines.first)
            let holds = try site.scratch.run([Tool.path, "retention", "holds", "--log", site.log])
            #expect(holds.code == 0 && holds.lines == ["\(id)  \(day) to \(day)  case 17"])
            let apply = ["apply", "--keep", "5y", "--json"]
            let first = try Self.retention(site, apply)
            #expect(try first.code == 0 && Self.removed(first) == [0], "\(first)")
            #expect(first.text.contains(id), "\(first)")
            let unknown = try Self.retention(site, ["release", "hold-00000000"] + reason)
            #expect(unknown.code == 1, "\(unknown)")
            #expect(try Self.retention(site, ["release", id] + reason).code == 0)
            let rest = try Self.retention(site, apply)
            #expect(try rest.code == 0 && Self.removed(rest).count == 2, "\(rest)")
            try site.expectIntact()
            for wrong in [["--from", day, "--to", OldSite.days[0]], ["--from", "x", "--to", "y"]] {
                #expect(try Self.retention(site, ["hold"] + wrong + reason).code == 64)
            }
            #expect(try Self.retention(site, ["apply", "--keep", "5"]).code == 64)
        }
    }

    @Test("Nothing is removed from a log that is altered")
    func altered() async throws {
        let site = try await OldSite.made()
        try await apart {
            try site.damage(try site.segments()[0])
            let before = try Self.starts(site)
            let ended = try Self.retention(site, ["apply", "--keep", "5y"])
            #expect(ended.code == 2, "\(ended)")
            #expect(try Self.starts(site).starts(with: before))
        }
    }
}
