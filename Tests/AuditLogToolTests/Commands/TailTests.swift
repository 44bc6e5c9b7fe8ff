import Foundation
import Testing

@Suite("tail")
struct TailTests {
    @Test("It prints the last events as they are recorded, of one type when one is asked for")
    func last() async throws {
        try await apart {
            let site = try Site.made()
            #expect(try site.append(input: Site.lines(0..<40)).code == 0)
            let all = try site.zcat().lines
            let doors = all.filter { $0.contains(#""type":"door.opened""#) }
            let cases: [(arguments: [String], lines: [String])] = [
                ([], all.suffix(10)), (["-n", "3"], all.suffix(3)), (["-n", "0"], []),
                (["-n", "5000"], all), (["-n", "2", "--type", "door."], doors.suffix(2)),
                (["--type", "door.opened", "-n", "400"], doors), (["--type", "door"], []),
            ]
            for (arguments, lines) in cases {
                let ended = try site.run("tail", arguments)
                #expect(ended.code == 0 && ended.errors.isEmpty, "\(arguments): \(ended)")
                #expect(ended.lines == lines, "\(arguments)")
            }
        }
    }

    @Test("-f prints every event once and in order while others append and segments are sealed")
    func follow() async throws {
        try await apart {
            let site = try Site.made()
            #expect(try site.append(input: Site.lines(0..<5)).code == 0)
            let before = try site.events().count
            let follower = try Follower(site, ["-n", "2"])
            _ = try follower.lines(atLeast: 2)
            let filled = try site.append(["--seal-bytes", "4000"], input: Site.lines(5..<1_505))
            #expect(filled.code == 0, "\(filled)")
            #expect(try site.keyed("seal").code == 0)
            #expect(try site.append(input: Site.lines(1_505..<1_510)).code == 0)
            #expect(try site.segments().count > 2)
            let all = try site.zcat().lines
            _ = try follower.lines(atLeast: all.count - before + 2)
            let (ended, lines) = try follower.interrupt()
            #expect(ended.code == 0 && ended.errors.isEmpty, "\(ended)")
            #expect(lines == Array(all[(before - 2)...]))
            try site.expectIntact()
        }
    }

    @Test("-f ends quietly when its reader goes away, though nothing more is recorded")
    func readerGone() async throws {
        try await apart {
            let site = try Site.made()
            #expect(try site.append(input: Site.lines(0..<5)).code == 0)
            let follower = try Follower(site, ["-n", "1"])
            #expect(try follower.lines(atLeast: 1).count == 1)
            follower.closeOutput()
            let ended = try follower.ended()
            #expect(ended.code == 0 && ended.errors.isEmpty, "\(ended)")
        }
    }
}
