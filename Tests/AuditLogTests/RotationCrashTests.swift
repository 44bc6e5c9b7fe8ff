import DurableFiles
import Locks
import Testing

@testable import AuditLog

/// Opens a log in every state that a crash can leave between two steps of a rotation.
@Suite("A rotation cut short anywhere is finished by opening")
struct RotationCrashTests {
    /// What a rotation changes, in its order.
    enum Step: CaseIterable {
        case archiveAside, index, manifest, archive
        case newKey, tornCertificate, certificate, oldKeyGone
        case emptySegment, tornSegment, segment, pin, kept, checkpoint, hintsGone
    }

    /// A closed log of the day before, and the same right after the opening that sealed it.
    private static func rotated() async throws -> (before: LogFixture, after: LogFixture) {
        let before = try LogFixture()
        _ = try before.create()
        let log = try await before.open()
        _ = try await log.append(LogFixture.drafts(0..<300))
        try await log.close()
        let after = try before.copy()
        after.clock.advance(seconds: 86_400)
        _ = try await after.open()
        return (before, after)
    }

    @Test("Every state between two steps opens, verifies and holds every event once")
    func everyStep() async throws {
        let (before, after) = try await Self.rotated()
        let next = try #require(
            (try LogLayout(directory: after.log).segmentStarts()).dropFirst().first)
        #expect(next == 303)
        for (count, last) in Step.allCases.enumerated() {
            let state = try before.copy()
            for step in Step.allCases.prefix(count + 1) {
                try Self.apply(step, from: after, to: state, next)
            }
            state.clock.advance(seconds: 86_400)
            let log = try await state.open()
            _ = try await log.append([LogFixture.draft(300)])
            try await log.close()
            let report = Verifier(directory: state.log).verify()
            #expect(report.findings == [], "\(last)")
            try Self.check(state, next, "\(last)")
            let archive = LogLayout(directory: state.log).segment(0)
            #expect(
                try sha256Text(ofFile: archive)
                    == (try sha256Text(ofFile: LogLayout(directory: after.log).segment(0))))
            try await state.open().close()
            #expect(Verifier(directory: state.log).verify().findings == [], "\(last), again")
        }
    }

    @Test("A certificate that stood in memory alone is on disk before the key before it goes")
    func certificateInMemory() async throws {
        let (before, after) = try await Self.rotated()
        let next = try #require(
            (try LogLayout(directory: after.log).segmentStarts()).dropFirst().first)
        let state = try before.copy()
        let epochs = LogLayout(directory: state.log).epochs
        let disk = FilesInMemory(epochs, onDisk: try DurableFiles.read(epochs))
        for step in Step.allCases.prefix(while: { $0 != .oldKeyGone }) {
            try Self.apply(step, from: after, to: state, next)
        }
        state.clock.advance(seconds: 86_400)
        let log = try await state.open(files: disk)
        let lost = try state.copy()
        try await log.close()
        // The power goes, and with it what never reached the disk.
        try LogFixture.write(LogLayout(directory: lost.log).epochs, disk.onDisk)
        lost.clock.advance(seconds: 86_400)
        try await lost.open().close()
        #expect(Verifier(directory: lost.log).verify().findings == [])
        try Self.check(lost, next, "as the power left it", appended: 0)
    }

    private static func check(
        _ state: LogFixture, _ next: UInt64, _ place: String, appended: Int = 1
    ) throws {
        let events = try state.events()
        let count = events.filter { $0.type == "door.opened" }.count
        #expect(count == 300 + appended, "\(place)")
        #expect(events[Int(next)].type == OwnEvent.sealed, "\(place)")
        #expect(events[Int(next) + 1].type == OwnEvent.epoch, "\(place)")
        let keys = LogLayout.names(in: state.keys).filter { $0.hasPrefix("epoch-") }
        #expect(keys.count == 1, "\(place)")
    }

    private static func apply(
        _ step: Step, from after: LogFixture, to state: LogFixture, _ next: UInt64
    ) throws {
        let (made, there) = (LogLayout(directory: after.log), LogLayout(directory: state.log))
        func take(_ path: (LogLayout) -> String, upTo share: Int = 1) throws {
            let bytes = try DurableFiles.read(path(made))
            try LogFixture.write(path(there), Array(bytes[..<(bytes.count / share)]))
        }
        let keys = KeyLayout(directory: state.keys)
        switch step {
        case .archiveAside:
            let bytes = try DurableFiles.read(made.segment(0))
            try LogFixture.write(DurableFiles.temporaryPath(for: there.segment(0)), bytes)
        case .index: try take { $0.index(0) }
        case .manifest: try take { $0.manifest(0) }
        case .archive: try take { $0.segment(0) }
        case .newKey: try takeKey(after, state)
        case .tornCertificate:
            let bytes = try DurableFiles.read(made.epochs)
            try LogFixture.write(there.epochs, Array(bytes[..<(bytes.count - 30)]))
        case .certificate: try take { $0.epochs }
        case .oldKeyGone: try DurableFiles.remove(keys.epochKey(0))
        case .emptySegment: try LogFixture.write(there.segment(next), [])
        case .tornSegment: try take({ $0.segment(next) }, upTo: 3)
        case .segment:
            try take { $0.segment(next) }
            try take { $0.members(next) }
        case .pin:
            let bytes = try DurableFiles.read(KeyLayout(directory: after.keys).pin)
            try LogFixture.write(keys.pin, bytes)
        case .kept: try take { $0.checkpoints }
        case .checkpoint: try take { $0.checkpoint }
        case .hintsGone: try DurableFiles.remove(there.members(0))
        }
    }

    private static func takeKey(_ after: LogFixture, _ state: LogFixture) throws {
        let bytes = try DurableFiles.read(KeyLayout(directory: after.keys).epochKey(1))
        try LogFixture.write(KeyLayout(directory: state.keys).epochKey(1), bytes)
    }
}

/// Real files, of which one shows more than the disk holds: a sync under it failed, and later ones pass
/// over what that one left behind. Only what is written anew gets there.
private final class FilesInMemory: LogFiles {
    private let path: String
    private let held: Locked<[UInt8]>

    init(_ path: String, onDisk bytes: [UInt8]) {
        self.path = path
        held = Locked(bytes)
    }

    var onDisk: [UInt8] { held.withLock { $0 } }

    func open(_ path: String) throws(FileError) -> any LogFile { try SystemLogFiles().open(path) }

    func rewrite(_ path: String, _ bytes: [UInt8], at offset: Int64) throws(FileError) {
        try DurableFiles.rewrite(path, bytes, at: offset)
        guard path == self.path else { return }
        held.withLock { held in
            let missing = max(0, Int(offset) + bytes.count - held.count)
            held += [UInt8](repeating: 0, count: missing)
            held.replaceSubrange(Int(offset)..<Int(offset) + bytes.count, with: bytes)
        }
    }
}
