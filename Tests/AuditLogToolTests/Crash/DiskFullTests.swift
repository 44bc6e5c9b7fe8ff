import Foundation
import Glibc
import OrderedJSON
import Testing

/// A disk that is really full: a small file system in memory, mounted for one test alone.
@Suite("Disk full", .enabled(if: Mounting.isPermitted, "mounting is not permitted here"))
struct DiskFullTests {
    /// $1 the tool, $2 the folder to mount on, $3 where results go, $4 bytes. Exit codes go to `codes`.
    private static let script = """
        set -u
        mount -t tmpfs -o size="$4",mode=700 tmpfs "$2" || exit 9
        log="--log $2/audit" keys="--keys $2/state/keys"
        "$1" init --origin auditlog.example/full $log $keys > "$3/key" || exit 9
        "$1" append --ack $log $keys < "$3/input" > "$3/acks" 2> "$3/stopped"
        echo "append $?" >> "$3/codes"
        "$1" verify --unrecorded $log > "$3/left"; echo "verify $?" >> "$3/codes"
        "$1" append $log $keys < "$3/input" > /dev/null 2> "$3/again"; echo "again $?" >> "$3/codes"
        mount -o remount,size=64m "$2" || exit 9
        "$1" append $log $keys < /dev/null 2> "$3/opened"; echo "opened $?" >> "$3/codes"
        "$1" verify $log > "$3/after"; echo "after $?" >> "$3/codes"
        cp -a "$2/audit" "$2/state" "$3/"
        """

    @Test(
        "The log says that it stopped, loses nothing acknowledged, and goes on once there is room",
        arguments: [400_000, 610_000])
    func full(_ bytes: Int) async throws {
        try await apart {
            let site = try Site()
            let folder = site.scratch.folder
            mkdir(folder + "/disk", 0o700)
            try Scratch.put(Self.input(), at: folder + "/input")
            let ended = try site.scratch.run([
                try #require(Tool.find("unshare")), "-m", "/bin/sh", "-c", Self.script, "sh",
                Tool.path, folder + "/disk", folder, String(bytes),
            ])
            try #require(ended.code == 0, "\(ended)")
            func text(_ name: String) throws -> String {
                String(decoding: try Scratch.bytes("\(folder)/\(name)"), as: UTF8.self)
            }
            let codes = try text("codes")
            #expect(codes == "append 1\nverify 0\nagain 1\nopened 0\nafter 0\n", "\(codes)")
            #expect(try text("stopped").contains("No space left on device (free some space"))
            let acknowledged = try text("acks").split(separator: "\n").compactMap { Int($0) }
            #expect(!acknowledged.isEmpty)
            var oracle = AcknowledgedOracle()
            oracle.add(.init(sent: 0..<Self.eventCount, acknowledged: acknowledged))
            let events = try site.events()
            #expect(oracle.violations(events) == [])
            #expect(events.contains { $0["type"]?.stringValue == "auditlog.stopped" })
            #expect(try site.zcat().code == 0)
        }
    }

    private static let eventCount = 4_000

    /// Events that hardly shrink.
    private static func input() -> [UInt8] {
        var random = Seeded(state: 11)
        let digits = Array("0123456789abcdef")
        let lines = (0..<eventCount).map { number in
            let noise = (0..<400).map { _ in digits[Int(random.next() & 15)] }
            return #"{"type":"door.opened","actor":"badge 7","outcome":"success","origin":"gate","#
                + #""data":{"n":\#(number),"noise":"x\#(String(noise))"}}"# + "\n"
        }
        return lines.flatMap { Array($0.utf8) }
    }
}

private enum Mounting {
    /// True when this process may mount in a name space of its own.
    static let isPermitted: Bool = {
        guard let unshare = Tool.find("unshare"), let scratch = try? Scratch() else { return false }
        let words = [unshare, "-m", "mount", "-t", "tmpfs", "tmpfs", scratch.folder]
        return (try? scratch.run(words))?.code == 0
    }()
}
