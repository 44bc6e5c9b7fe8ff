import Foundation
import Glibc
import OrderedJSON
import Testing

@Suite("export")
struct ExportTests {
    private static let formats = ["jsonl", "csv", "tiles", "evidence"]

    private static func filled() throws -> Site {
        let site = try Site.made()
        try #require(try site.append(input: Site.lines(0..<300)).code == 0)
        return site
    }

    private static func export(
        _ site: Site, _ format: String, _ output: String, _ more: [String] = []
    ) throws -> Ended {
        try site.keyed("export", ["--format", format, "--output", output] + more)
    }

    @Test("jsonl is what zcat says, or the lines that fit")
    func jsonl() async throws {
        try await apart {
            let site = try Self.filled()
            let all = try site.zcat()
            let whole = try Self.export(site, "jsonl", site.path("all"))
            #expect(whole.code == 0 && whole.text.contains("\(all.lines.count) events"), "\(whole)")
            #expect(try Scratch.bytes(site.path("all")) == all.output)
            let one = try Self.export(
                site, "jsonl", site.path("one"), ["--reference", "R7", "--json"])
            #expect(try JSONValue(parsing: one.output)["events"]?.integerValue == 1)
            let line = all.lines.filter { $0.contains(#""reference":"R7""#) }
            #expect(try Scratch.bytes(site.path("one")) == Array((line[0] + "\n").utf8))
            let range = ["--first", "3", "--last", "5", "--type", "door."]
            #expect(try Self.export(site, "jsonl", site.path("range"), range).code == 0)
            let text = try String(decoding: Scratch.bytes(site.path("range")), as: UTF8.self)
            #expect(text == all.lines[3...5].map { $0 + "\n" }.joined())
        }
    }

    @Test("csv has a row for every event, and no cell a spreadsheet would run")
    func csv() async throws {
        try await apart {
            let site = try Site.made()
            let line = Site.line(1).replacing("badge 7", with: "=cmd|' /C calc'!A0")
            #expect(try site.append(input: line + "\n" + Site.lines(2..<9)).code == 0)
            let ended = try Self.export(site, "csv", site.path("t.csv"), ["--type", "door."])
            #expect(ended.code == 0, "\(ended)")
            let text = try String(decoding: Scratch.bytes(site.path("t.csv")), as: UTF8.self)
            let rows = text.components(separatedBy: "\r\n")
            #expect(rows.count == 1 + 8 + 1 && rows.last == "")
            #expect(rows[0] == "seq,time,type,actor,outcome,origin,subject.reference,subject,data")
            #expect(rows[1].contains(",'=cmd|' /C calc'!A0,success,gate,R1,"), "\(rows[1])")
        }
    }

    @Test("tiles hold every event and the checkpoint that was published; they know no conditions")
    func tiles() async throws {
        try await apart {
            let site = try Self.filled()
            let folder = site.path("tiles")
            let ended = try Self.export(site, "tiles", folder)
            #expect(ended.code == 0, "\(ended)")
            let lines = try site.zcat().lines
            let rest = lines.count - 256
            var entries = try Scratch.bytes(folder + "/tile/entries/000")
            entries += try Scratch.bytes(folder + "/tile/entries/001.p/\(rest)")
            let expected = lines.flatMap { line -> [UInt8] in
                let bytes = Array(line.utf8)
                return [UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes
            }
            #expect(entries == expected)
            #expect(try Scratch.bytes(folder + "/tile/0/000").count == 256 * 32)
            #expect(try Scratch.bytes(folder + "/tile/0/001.p/\(rest)").count == rest * 32)
            #expect(try Scratch.bytes(folder + "/tile/1/000.p/1").count == 32)
            #expect(
                try Scratch.bytes(folder + "/checkpoint") == Scratch.bytes(site.log + "/checkpoint")
            )
            let narrowed = try Self.export(site, "tiles", site.path("no"), ["--reference", "R7"])
            #expect(narrowed.code == 64, "\(narrowed)")
        }
    }

    @Test(
        "evidence is checked by a script that knows only its folder and the root key",
        .enabled(if: Tool.find("python3") != nil, "python3 is not installed"))
    func evidence() async throws {
        try await apart {
            let site = try Self.filled()
            let other = try Site.made()
            let folder = site.path("evidence")
            let range = ["--first", "7", "--last", "9"]
            #expect(try Self.export(site, "evidence", folder, range).code == 0)
            func check(_ key: String) throws -> Ended {
                try site.scratch.run(
                    [Tool.find("python3") ?? "", Self.script, folder, "--key", key])
            }
            let good = try check(site.rootKey())
            #expect(good.code == 0 && good.text.contains("proved: 3 events (7 to 9)"), "\(good)")
            #expect(try check(other.rootKey()).code == 2)
            let events = folder + "/events.jsonl"
            let text = try String(decoding: Scratch.bytes(events), as: UTF8.self)
            try Scratch.put(Array(text.replacing("badge 7", with: "badge 8").utf8), at: events)
            let altered = try check(site.rootKey())
            #expect(altered.code == 2 && altered.text.contains("event 7"), "\(altered)")
        }
    }

    @Test("What is there is never written over, and nothing is left where nothing fits")
    func refused() async throws {
        try await apart {
            let site = try Self.filled()
            let (file, folder) = (site.path("file"), site.path("folder"))
            try Scratch.put([1, 2, 3], at: file)
            #expect(mkdir(folder, 0o700) == 0)
            for format in Self.formats {
                for path in [file, folder] {
                    let ended = try Self.export(site, format, path)
                    #expect(ended.code == 1 && ended.errors.contains(path), "\(format): \(ended)")
                }
                if format == "tiles" { continue }
                let none = try Self.export(site, format, site.path("none"), ["--reference", "Q"])
                #expect(none.code == 1 && none.output.isEmpty, "\(format): \(none)")
            }
            #expect(try Scratch.bytes(file) == [1, 2, 3])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
            let left = try FileManager.default.contentsOfDirectory(atPath: site.scratch.folder)
            #expect(Set(left) == ["audit", "state", "file", "folder"])
        }
    }

    private static let script: String = {
        // The package may reach its tests by a link.
        let path = realpath(#filePath, nil)
        defer { free(path) }
        let file = path.map { String(cString: $0) } ?? #filePath
        let folder = file.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
        return folder + "/docs/check-evidence.py"
    }()
}
