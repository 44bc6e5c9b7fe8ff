import AuditLog
import DurableFiles
import Locks
import Testing

@testable import BatchRunner

@Suite("How far a ledger has followed its log")
struct LedgerPlaceTests {
    private static let count = 400

    @Test("Read while events are folded, number and hash are of one event")
    func ofOneMoment() async throws {
        let stage = try LedgerStage()
        var script = EventScript()
        for _ in 0..<Self.count { script.add(.runFinished, file: "20261121-000001") }
        let events = script.events
        let isOver = Locked(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { isOver.withLock { $0 = true } }
                for event in events { try stage.apply([event]) }
            }
            for _ in 0..<2 {
                group.addTask {
                    while !isOver.withLock({ $0 }) {
                        let place = try stage.ledger.place()
                        guard place.next > 0 else { continue }
                        let last = events[Int(place.next) - 1]
                        try #require(place.lastSHA256 == SHA256Text.of(last.bytes))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try stage.ledger.place().next == UInt64(Self.count))
    }
}
