import DurableFiles
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("Rotation: seal, next epoch, next segment")
struct RotationTests {
    @Test("A full segment is sealed, the log goes on in the next and verifies as one")
    func seals() async throws {
        let fixture = try LogFixture()
        let root = try fixture.create()
        let log = try await fixture.open(sealBytes: 1_500)
        for number in 0..<300 { _ = try await log.append([LogFixture.draft(number)]) }
        try await log.close()

        let layout = LogLayout(directory: fixture.log)
        let starts = (try layout.segmentStarts())
        #expect(starts.count > 2)
        #expect(try fixture.events().filter { $0.type == "door.opened" }.count == 300)
        for start in starts.dropLast() {
            let manifest = try SegmentManifest(try DurableFiles.read(layout.manifest(start)))
            #expect(manifest.sha256 == (try sha256Text(ofFile: layout.segment(start))))
            let next = try #require(try AuditReader(directory: fixture.log).event(manifest.next))
            #expect(next.type == OwnEvent.sealed)
            #expect(next.data["fileSha256"]?.stringValue == manifest.sha256)
            #expect(!DurableFiles.exists(layout.members(start)))
        }
        let report = Verifier(directory: fixture.log, key: root).verify()
        #expect(report.findings == [])
        let keys = LogLayout.names(in: fixture.keys).filter { $0.hasPrefix("epoch-") }
        #expect(keys == ["epoch-00000\(starts.count - 1).key"])
    }

    @Test("The first event of a later day seals, at opening and while open")
    func sealsDaily() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let layout = LogLayout(directory: fixture.log)
        var log = try await fixture.open()
        _ = try await log.append([LogFixture.draft(1)])
        fixture.clock.advance(seconds: 86_400)
        _ = try await log.append([LogFixture.draft(2)])
        #expect((try layout.segmentStarts()) == [0, 3])
        try await log.close()
        fixture.clock.advance(seconds: 86_400)
        log = try await fixture.open()
        #expect((try layout.segmentStarts()) == [0, 3, 7])
        try await log.close()
        #expect(
            try fixture.events().map(\.type) == [
                "auditlog.created", "auditlog.opened", "door.opened", "auditlog.sealed",
                "auditlog.epoch", "door.opened", "auditlog.closed", "auditlog.sealed",
                "auditlog.epoch", "auditlog.opened", "auditlog.closed",
            ])
        #expect(Verifier(directory: fixture.log).verify().findings == [])
    }

    @Test("A .retired file that no event names removes nothing at opening")
    func plantedRetirement() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        let log = try await fixture.open()
        _ = try await log.append([LogFixture.draft(1)])
        try await log.seal()
        try await log.close()
        let layout = LogLayout(directory: fixture.log)
        try LogFixture.write(layout.retired(0), try DurableFiles.read(layout.manifest(0)))
        let error = await #expect(throws: AuditLogError.self) { try await fixture.open() }
        #expect(error?.code == .damaged)
        #expect(DurableFiles.exists(layout.segment(0)) && DurableFiles.exists(layout.index(0)))
        try DurableFiles.remove(layout.retired(0))
        try await fixture.open().close()
        #expect(Verifier(directory: fixture.log).verify().isIntact)
    }
}
