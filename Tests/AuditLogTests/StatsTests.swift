import DurableFiles
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Statistics")
struct StatsTests {
    /// Two sealed segments and an open one, over three days.
    private static func log() async throws -> ReportFixture {
        let log = try await ReportFixture(at: "2026-11-20T08:00:00")
        for day in ["2026-11-20", "2026-11-21", "2026-11-22"] {
            for number in 0..<40 {
                try await log.accept("\(day)T10:00:00", "\(day)-\(number)", "1.00", "p")
            }
        }
        try await log.audit.close()
        return log
    }

    @Test("Counts, bytes and days are those of the events and files")
    func figures() async throws {
        let log = try await Self.log()
        let events = try log.base.events()
        let full = try LogStatistics.read(directory: log.base.log, full: true, clock: log.clock)
        #expect(full.events == UInt64(events.count) && full.isFull)
        #expect(full.rawBytes == events.reduce(0) { $0 + UInt64($1.bytes.count) + 1 })
        let days = Dictionary(grouping: events) { String($0.time.prefix(10)) }
        #expect(full.days.map(\.day) == days.keys.sorted())
        for (day, count) in full.days { #expect(days[day]?.count == Int(count)) }
        let types = Dictionary(grouping: events, by: \.type).mapValues { UInt64($0.count) }
        #expect(Dictionary(full.types.map { ($0.type, $0.events) }) { $1 } == types)
        #expect(full.segments == 3 && full.sealedSegments == 2)
        #expect(full.epochs == 3 && full.tornFiles == 0)
        #expect(full.eventsPerDay == UInt64(events.count / 3))
        #expect(full.firstTime == events.first?.time && full.lastTime == events.last?.time)
    }

    @Test("The quick way agrees with the full one on a closed log")
    func quick() async throws {
        let log = try await Self.log()
        let quick = try LogStatistics.read(directory: log.base.log, clock: log.clock)
        let full = try LogStatistics.read(directory: log.base.log, full: true, clock: log.clock)
        #expect(quick.events == full.events && !quick.isFull)
        #expect(quick.members == full.members && quick.members >= 3)
        #expect(quick.compressedBytes == full.compressedBytes)
        #expect(quick.lastTime == full.lastTime && quick.firstTime == full.firstTime)
        #expect(quick.rawEvents <= full.events && quick.rawBytes <= full.rawBytes)
        #expect(quick.rawEvents >= full.events - 45)
        #expect(quick.json["types"] == .null && full.json["types"] != .null)
    }

    @Test(
        "Manifests that do not agree with their indexes are counted by nowhere",
        arguments: [1, .max] as [UInt64])
    func disagreeing(_ next: UInt64) async throws {
        let log = try await Self.log()
        let layout = LogLayout(directory: log.base.log)
        let before = try LogStatistics.read(directory: log.base.log, clock: log.clock)
        for start in try layout.segmentStarts().prefix(2) {
            var manifest = try SegmentManifest(try DurableFiles.read(layout.manifest(start)))
            let hashes = Array(repeating: TreeHash.empty, count: next.nonzeroBitCount)
            (manifest.first, manifest.next) = (0, next)
            manifest.edge = try #require(TreeEdge(size: next, hashes: hashes))
            try DurableFiles.remove(layout.manifest(start))
            try LogFixture.write(layout.manifest(start), manifest.encoded)
            #expect(try SegmentManifest(manifest.encoded).next == next)
        }
        let statistics = try LogStatistics.read(directory: log.base.log, clock: log.clock)
        #expect(statistics.members == before.members)
        #expect(statistics.rawBytes < before.rawBytes)
        #expect(!statistics.lines.isEmpty)
    }

    @Test("Every line of text has its value, and a folder without a log is told apart")
    func text() async throws {
        let log = try await Self.log()
        let statistics = try LogStatistics.read(directory: log.base.log, clock: log.clock)
        #expect(
            statistics.lines.contains { $0.hasPrefix("segments") && $0.contains("3, 2 sealed") })
        let error = #expect(throws: AuditLogError.self) {
            try LogStatistics.read(directory: log.base.keys)
        }
        #expect(error?.code == .missing)
    }

    @Test(
        "Days between dates are those of the calendar",
        arguments: [
            ("2026-12-31", "2027-01-01", 1), ("2028-02-28", "2028-03-01", 2),
            ("2100-02-28", "2100-03-01", 1), ("2026-11-21", "2026-11-21", 0),
            ("2000-01-01", "2400-01-01", 146_097), ("2026-01-31", "2026-12-31", 334),
        ])
    func days(_ from: String, _ to: String, _ count: Int) throws {
        let first = try #require(LogStatistics.dayNumber(from))
        let last = try #require(LogStatistics.dayNumber(to))
        #expect(last - first == count)
    }
}
