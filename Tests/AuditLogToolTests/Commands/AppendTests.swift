import Foundation
import Glibc
import OrderedJSON
import Testing

@Suite("append")
struct AppendTests {
    @Test("Acknowledged are the numbers of the events, in order, once each")
    func acknowledgements() async throws {
        try await apart {
            let site = try Site.made()
            let appended = try site.append(["--ack"], input: Site.lines(0..<2_500))
            #expect(appended.code == 0 && appended.errors.isEmpty, "\(appended.errors)")
            let numbers = appended.lines.compactMap { Int($0) }
            #expect(numbers.count == 2_500)
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 + 1 == $1 })
            let events = try site.events()
            for (place, sequence) in numbers.enumerated() {
                #expect(events[sequence]["data"]?["n"]?.integerValue == place)
            }
            try site.expectIntact()
        }
    }

    @Test("Nothing in, nothing recorded but opening and closing")
    func empty() async throws {
        try await apart {
            let site = try Site.made()
            let appended = try site.append(["--ack"], input: "")
            #expect(appended.code == 0 && appended.output.isEmpty, "\(appended)")
            #expect(
                try site.events().compactMap { $0["type"]?.stringValue }
                    .filter { !["auditlog.epoch", "auditlog.sealed"].contains($0) }
                    == ["auditlog.created", "auditlog.opened", "auditlog.closed"])
        }
    }

    @Test("Lines that are no events are told by number, the others are recorded")
    func refused() async throws {
        try await apart {
            let site = try Site.made()
            let bad: [(line: String, reason: String)] = [
                ("", "not an event"), ("[]", "a JSON object is needed"), ("{", "not an event"),
                (#"{"type":"a","actor":"b","outcome":"success"}"#, "needs origin"),
                (#"{"type":"a","actor":"b","outcome":"maybe","origin":"c"}"#, "success or failure"),
                (#"{"seq":1,"type":"a","actor":"b","outcome":"success","origin":"c"}"#, "unknown"),
                (
                    #"{"type":"auditlog.closed","actor":"b","outcome":"success","origin":"c"}"#,
                    "reserved"
                ),
                (
                    #"{"type":"a","actor":"4111 1111 1111 1111","outcome":"success","origin":"c"}"#,
                    "card number"
                ),
                (
                    #"{"type":"a","actor":"b","outcome":"success","origin":"c","#
                        + #""data":{"password":"hunter2"}}"#, "secret"
                ),
            ]
            let input = bad.enumerated().map { "\(Site.line($0.offset))\n\($0.element.line)\n" }
            let appended = try site.append(["--ack"], input: input.joined())
            #expect(appended.code == 1)
            #expect(appended.lines.count == bad.count, "\(appended)")
            let told = appended.errors.split(separator: "\n")
            #expect(told.count == bad.count)
            for (place, line) in told.enumerated() {
                #expect(line.hasPrefix("line \(place * 2 + 2): "), "\(line)")
                #expect(line.contains(bad[place].reason), "\(line)")
            }
            #expect(!appended.errors.contains("4111") && !appended.errors.contains("hunter2"))
            try site.expectIntact()
        }
    }

    @Test("A last line without its newline counts when it is whole, and is refused when it is cut")
    func cutLine() async throws {
        try await apart {
            let site = try Site.made()
            let whole = try site.append(["--ack"], input: Site.line(1) + "\n" + Site.line(2))
            #expect(whole.code == 0 && whole.lines.count == 2, "\(whole)")
            for length in [1, 40, Site.line(4).count - 1] {
                let cut = try site.append(
                    ["--ack"], input: Site.line(3) + "\n" + Site.line(4).prefix(length))
                #expect(cut.code == 1 && cut.lines.count == 1, "\(cut)")
                #expect(cut.errors.hasPrefix("line 2: "), "\(cut)")
            }
            try site.expectIntact()
        }
    }

    @Test("Bytes that are no text, and a line longer than memory should hold, are refused")
    func garbage() async throws {
        try await apart {
            let site = try Site.made()
            var random = Seeded(state: 3)
            let noise = (0..<20_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            let long = [UInt8](repeating: 0x7B, count: 3 << 20)
            let input =
                noise + [0x0A] + Array(Site.line(1).utf8) + [0x0A] + long + [0x0A]
                + Array(Site.line(2).utf8) + [0x0A] + long
            let appended = try site.append(["--ack"], bytes: input)
            #expect(appended.code == 1 && appended.lines.count == 2, "\(appended.lines.count)")
            #expect(appended.errors.contains("longer than 1048576 bytes"))
            try site.expectIntact()
        }
    }

    @Test("With --json every acknowledgement, every refusal and the sum is an object")
    func json() async throws {
        try await apart {
            let site = try Site.made()
            let appended = try site.append(
                ["--ack", "--json"], input: Site.line(1) + "\nno event\n" + Site.line(2) + "\n")
            #expect(appended.code == 1)
            let objects = try appended.lines.map { try JSONValue(parsing: Array($0.utf8)) }
            try #require(objects.count == 4)
            #expect(objects.compactMap { $0["acknowledged"]?.integerValue }.count == 2)
            #expect(objects[1]["line"]?.integerValue == 2)
            #expect(objects[1]["refused"]?.stringValue?.isEmpty == false)
            #expect(objects[3]["appended"]?.integerValue == 2)
            #expect(objects[3]["refused"]?.integerValue == 1)
            #expect(objects[3]["size"]?.integerValue == (try site.events().count))
        }
    }

    @Test("Standard input that cannot be read ends with exit 1, and what came before is recorded")
    func unreadableInput() async throws {
        try await apart {
            let site = try Site.made()
            let ended = try site.scratch.run(
                ["/bin/sh", "-c", "exec \"$@\" < /", "sh"]
                    + site.words("append", ["--keys", site.keys]))
            #expect(ended.code == 1 && ended.errors.contains("standard input"), "\(ended)")
            try site.expectIntact()
        }
    }

    @Test("Keys that are not this log's are refused before anything is written")
    func wrongKeys() async throws {
        try await apart {
            let (site, other) = (try Site.made(), try Site.made())
            let before = try site.events().count
            let wrong = try site.run(
                "append", ["--keys", other.keys], input: Site.line(1))
            #expect(wrong.code == 1 || wrong.code == 3, "\(wrong)")
            #expect(wrong.errors.hasPrefix("auditlog: ") && wrong.output.isEmpty, "\(wrong)")
            let none = try site.run(
                "append", ["--keys", site.scratch.folder + "/nowhere"], input: Site.line(1))
            #expect(none.code == 1 && none.errors.contains("nowhere"), "\(none)")
            #expect(try site.events().count == before)
            try site.expectIntact()
        }
    }
}
