import DurableFiles
import Glibc
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Report: several segments")
struct ReportSegmentsTests {
    private static func log() async throws -> ReportFixture {
        let log = try await ReportFixture(at: "2026-11-20T08:00:00")
        for day in ["2026-11-20", "2026-11-21", "2026-11-22"] {
            try await log.accept("\(day)T10:00:00", "\(day)-1", "300000.00", "p_a")
            try await log.accept("\(day)T11:00:00", "\(day)-2", "300000.00", "p_a")
        }
        try await log.audit.close()
        return log
    }

    @Test("Days and the month over sealed segments, with the certificate of the last epoch")
    func days() async throws {
        let log = try await Self.log()
        #expect((try LogLayout(directory: log.base.log).segmentStarts()).count == 3)
        for day in ["2026-11-20", "2026-11-21", "2026-11-22"] {
            let report = try log.report(day: day, options: ReportOptions(key: log.rootKey))
            #expect(report.verdict == .verified)
            #expect(report.json["transactions"]?["amount"] == "600000.00")
            #expect(report.json["covered"]?.arrayValue?.count == 1)
        }
        let month = try log.report(month: "2026-11")
        #expect(month.json["covered"]?.arrayValue?.count == 3)
        #expect(month.identity.epoch == 2)
        #expect(month.html.contains("Certificate of epoch 2"))
        #expect(month.html.contains("a segment was sealed"))
    }

    @Test("Only the segments that cover the period are read")
    func reading() async throws {
        let log = try await Self.log()
        let layout = LogLayout(directory: log.base.log)
        // The first segment cannot be read any more: later days can, its own cannot.
        chmod(layout.segment(0), 0o600)
        try LogFixture.write(layout.segment(0), [0x1F])
        let options = ReportOptions(verifies: false)
        let last = try log.report(day: "2026-11-22", options: options)
        #expect(last.figures.problem == nil)
        #expect(last.json["transactions"]?["amount"] == "600000.00")
        let first = try log.report(day: "2026-11-20", options: options)
        #expect(first.figures.problem != nil && first.exitCode == 2)
    }

    @Test("A period whose segment was retired says which events are gone")
    func retired() async throws {
        let log = try await Self.log()
        let layout = LogLayout(directory: log.base.log)
        let manifest = try DurableFiles.read(layout.manifest(0))
        try LogFixture.write(layout.retired(0), manifest)
        for path in [layout.segment(0), layout.index(0), layout.manifest(0)] { unlink(path) }
        let next = try SegmentManifest(manifest).next
        let options = ReportOptions(verifies: false)
        let report = try log.report(day: "2026-11-20", options: options)
        let removed = try #require(report.json["removed"]?.arrayValue?.first)
        #expect(removed["first"] == 0 && removed["next"] == .number(String(next)))
        #expect(report.html.contains("were removed after their retention time"))
        #expect(try log.report(day: "2026-11-21", options: options).json["removed"] == [])
    }
}
