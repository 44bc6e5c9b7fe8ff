import DurableFiles
import OrderedJSON
import Testing

@testable import AuditLog

// Days that a hold keeps.
extension RetentionTests {
    @Test("Nothing on hold goes, nor anything behind it; a hold outlives the event that says so")
    func holds() async throws {
        let (fixture, root) = try await Self.log()
        let keep = try KeepTime("3d")
        var log = try await fixture.open()
        let late = try await log.hold(from: "2026-11-26", to: "2026-11-26", reason: "case 2")
        let hold = try await log.hold(from: "2026-11-22", to: "2026-11-23", reason: "case 1")
        #expect(try RetentionHold.inForce(at: fixture.log) == [late, hold])
        let done = try await log.retire(keeping: keep)
        #expect(done.segments.count == 1 && done.stopped.contains(hold.id))
        let missing = await #expect(throws: AuditLogError.self) {
            try await log.release(hold: "hold-x", reason: "y")
        }
        #expect(missing?.code == .missing)
        try await log.release(hold: hold.id, reason: "closed")
        #expect(try RetentionHold.inForce(at: fixture.log) == [late])
        #expect(try await log.retire(keeping: keep).segments.count == 2)
        try await log.close()
        try await Self.expectWhole(fixture, root)
        // The first hold's own event lies in a segment that goes later.
        fixture.clock.advance(seconds: 20 * Self.day)
        log = try await fixture.open()
        let young = try await log.hold(from: "2026-12-17", to: "2026-12-17", reason: "case 3")
        try await log.release(hold: late.id, reason: "closed")
        try await log.close()
        fixture.clock.advance(seconds: 20 * Self.day)
        log = try await fixture.open()
        let released = try await log.retire(keeping: try KeepTime("3d"))
        #expect(released.stopped.contains(young.id), "\(released.stopped)")
        try await log.close()
        try await Self.expectWhole(fixture, root)
    }

    @Test("A hold placed while the log is verified before a removal keeps its days")
    func holdMeanwhile() async throws {
        let (fixture, root) = try await Self.log()
        let log = try await fixture.open()
        // What `retire` plans; the hold comes during the verification, which is behind it then.
        let plan = try Retirement(Self.layout(fixture), KeepTime("3d"), fixture.clock)
        #expect(plan.segments.count == 3)
        let all = try await log.hold(from: "2026-11-01", to: "2026-12-31", reason: "case 5")
        let none = try await log.carryOut(plan, carrying: [], withoutSnapshot: false)
        #expect(none.segments.isEmpty && none.stopped.contains(all.id))
        #expect((try Self.layout(fixture).retiredStarts()).isEmpty)
        try await log.release(hold: all.id, reason: "closed")
        let hold = try await log.hold(from: "2026-11-22", to: "2026-11-22", reason: "case 6")
        let done = try await log.carryOut(plan, carrying: [], withoutSnapshot: false)
        #expect(done.segments == Array(plan.segments.prefix(1)))
        #expect(done.stopped.contains(hold.id))
        #expect((try Self.layout(fixture).retiredStarts()) == [plan.segments[0].first])
        #expect(try RetentionHold.inForce(at: fixture.log) == [hold])
        try await log.close()
        try await Self.expectWhole(fixture, root)
    }

    @Test("While segments are removed no hold is placed, and while one is placed none are removed")
    func holdsApart() async throws {
        let (fixture, root) = try await Self.log()
        let log = try await fixture.open()
        await log.set(isRemoving: true, holdsUnderWay: 0)
        let late = await #expect(throws: AuditLogError.self) {
            try await log.hold(from: "2026-11-22", to: "2026-11-22", reason: "case 7")
        }
        #expect(late?.isRefusal == true)
        await log.set(isRemoving: false, holdsUnderWay: 1)
        let early = await #expect(throws: AuditLogError.self) {
            try await log.retire(keeping: try KeepTime("3d"))
        }
        #expect(early?.isRefusal == true)
        #expect((try Self.layout(fixture).retiredStarts()).isEmpty)
        // Neither refusal, nor a hold that is none, leaves anything closed.
        await log.set(isRemoving: false, holdsUnderWay: 0)
        await #expect(throws: AuditLogError.self) {
            try await log.hold(from: "2026-11-22", to: "2026-11-22", reason: "")
        }
        #expect(try await log.retire(keeping: try KeepTime("3d")).segments.count == 3)
        _ = try await log.hold(from: "2026-11-26", to: "2026-11-26", reason: "case 8")
        try await log.close()
        try await Self.expectWhole(fixture, root)
    }
}

extension AuditLog {
    /// As in the middle of a removal, or of placing a hold.
    fileprivate func set(isRemoving: Bool, holdsUnderWay: Int) {
        self.isRemoving = isRemoving
        self.holdsUnderWay = holdsUnderWay
    }
}
