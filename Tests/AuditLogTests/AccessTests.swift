import DurableFiles
import Glibc
import OrderedJSON
import Testing

@testable import AuditLog

@Suite("The record of accesses")
struct AccessTests {
    static func record(_ arguments: JSONObject = [:], command: String = "search") -> AccessRecord {
        AccessRecord(
            command: command, arguments: arguments, actor: "maria", origin: "desk-3",
            clock: SteppingClock())
    }

    static func spool(_ fixture: LogFixture) -> String { "\(fixture.root)/accessed" }

    static func accesses(_ fixture: LogFixture) throws -> [Event] {
        try fixture.events().filter { $0.type == OwnEvent.accessed }
    }

    @Test(
        "The spool lies beside the keys folder",
        arguments: [
            ("state/keys", "state/accessed"), ("/srv/p/state/keys/", "/srv/p/state/accessed"),
            ("keys", "accessed"), ("/keys", "/accessed"), ("./keys//", "./accessed"),
        ])
    func path(keys: String, spool: String) {
        #expect(AccessSpool.path(keys: keys) == spool)
    }

    @Test("An access is taken in at opening, while events arrive, and at closing")
    func takenIn() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        try await fixture.open().close()
        #expect(try Self.record(["batch": "B1"]).write(keys: fixture.keys))
        let log = try await fixture.open()
        #expect(try Self.accesses(fixture).map { $0.data["arguments"] } == [["batch": "B1"]])
        try Self.record(command: "show").write(keys: fixture.keys)
        for number in 0..<3 {
            fixture.clock.advance(seconds: 2)
            _ = try await log.append([LogFixture.draft(number)])
        }
        #expect(try Self.accesses(fixture).count == 2)
        #expect(await log.size == UInt64(try fixture.events().count))
        try Self.record(command: "export").write(keys: fixture.keys)
        try await log.close()
        let events = try Self.accesses(fixture)
        #expect(
            events.map { $0.data["command"]?.stringValue } == ["search", "show", "export"])
        #expect(events.allSatisfy { $0.actor == "maria" && $0.origin == "desk-3" })
        #expect(events.allSatisfy { $0.data["uid"] == .number(String(getuid())) })
        #expect(LogLayout.names(in: Self.spool(fixture)).isEmpty)
        #expect(Verifier(directory: fixture.log).verify().isIntact)
    }

    @Test("What is personal is withheld, a pseudonym stays")
    func withheld() throws {
        let pseudonym = PrivacyTests.key.pseudonym(of: "09171234567")
        let record = Self.record([
            "account": "09171234567", "Text": "Dela Cruz", "reference": "4111 1111 1111 1111",
            "batch": .string(String(repeating: "x", count: 200)), "complete": true, "seq": 7,
            "other": ["account": "09171234567"],
        ])
        #expect(
            record.arguments == [
                "account": "given", "Text": "given", "reference": "given", "batch": "given",
                "complete": true, "seq": 7, "other": "given",
            ])
        #expect(
            Self.record(["account": .string(pseudonym)]).arguments["account"]?.stringValue
                == pseudonym)
        #expect(AccessRecord(record.bytes) == record)
    }

    @Test("Where there is no spool nothing is written; where it cannot be written nothing is read")
    func noSpool() throws {
        let fixture = try LogFixture()
        #expect(try !Self.record().write(keys: fixture.keys))
        // A file in its place: as good as a folder without permission, for root too.
        try LogFixture.write(Self.spool(fixture), [])
        let error = #expect(throws: AuditLogError.self) {
            try Self.record().write(keys: fixture.keys)
        }
        #expect(error?.exitCode == 1)
    }

    @Test("The folder is for owner and group, whatever the umask; its mode is kept afterwards")
    func mode() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        try await fixture.open().close()
        var status = stat()
        #expect(stat(Self.spool(fixture), &status) == 0)
        #expect(status.st_mode & 0o7777 == AccessSpool.folderMode)
        #expect(chmod(Self.spool(fixture), 0o700) == 0)
        try await fixture.open().close()
        #expect(stat(Self.spool(fixture), &status) == 0 && status.st_mode & 0o7777 == 0o700)
    }

    @Test(
        "In folders that a group may list it may read every file that comes, and no key; else nobody"
    )
    func groupOfReaders() async throws {
        func modes(_ fixture: LogFixture, _ folder: String) -> [String: mode_t] {
            var modes: [String: mode_t] = [:]
            for name in LogLayout.names(in: folder) {
                var status = stat()
                guard lstat("\(folder)/\(name)", &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFREG { modes[name] = status.st_mode & 0o777 }
            }
            return modes
        }
        for isShared in [true, false] {
            let fixture = try LogFixture()
            _ = try fixture.create()
            let layout = LogLayout(directory: fixture.log)
            let folders = [layout.directory, layout.segments, layout.tree]
            if isShared {
                // As docs/OPERATING.md says.
                for folder in folders { try #require(chmod(folder, 0o2750) == 0) }
                for file in fixture.files() {
                    try #require(chmod("\(fixture.log)/\(file)", 0o640) == 0)
                }
            }
            let log = try await fixture.open()
            _ = try await log.append(LogFixture.drafts(0..<300))
            try await log.seal()
            try await log.close()
            // A torn end, a reserve that was given back.
            let segment = try #require(try layout.segmentStarts().last)
            try LogFixture.write(
                layout.segment(segment), try DurableFiles.read(layout.segment(segment)) + [0, 0])
            try DurableFiles.remove(layout.reserve)
            try? await fixture.open().close()
            for folder in folders {
                for (name, mode) in modes(fixture, folder) {
                    let isRead = mode & 0o040 != 0
                    let isArchive = mode == SegmentSealing.mode
                    #expect(isRead == (isShared || isArchive), "\(name): \(mode)")
                    #expect(isArchive || mode & 0o027 == 0, "\(name): \(mode)")
                }
            }
            #expect(modes(fixture, fixture.keys).values.allSatisfy { $0 & 0o077 == 0 })
        }
    }

    @Test("What is no record is set aside, stops nobody, and does not pile up")
    func malformed() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        try await fixture.open().close()
        let spool = Self.spool(fixture)
        let good = Self.record()
        try good.write(keys: fixture.keys)
        let other = Self.record(["account": "x"])
        let personal = String(decoding: other.bytes, as: UTF8.self)
            .replacing("\"given\"", with: "\"09171234567\"")
        let files: [(String, [UInt8])] = [
            ("empty.access", []), ("x", [1, 2, 3]), ("wrong-name.access", good.bytes),
            ("\(other.id).access", Array(personal.utf8)),
            ("long.access", [UInt8](repeating: 0x20, count: 1_000_000)),
        ]
        for (name, bytes) in files { try LogFixture.write("\(spool)/\(name)", bytes) }
        #expect(mkfifo("\(spool)/fifo.access", 0o600) == 0)
        #expect(symlink(good.id + ".access", "\(spool)/link.access") == 0)
        #expect(mkdir("\(spool)/folder.access", 0o700) == 0)
        for number in 0..<150 { try LogFixture.write("\(spool)/junk-\(number)", [0]) }
        try await fixture.open().close()
        try await fixture.open().close()
        #expect(try Self.accesses(fixture).map { $0.data["id"]?.stringValue } == [good.id])
        let left = LogLayout.names(in: spool)
        #expect(left.allSatisfy { $0.hasSuffix(".refused") })
        #expect(left.count == AccessSpool.refusedLimit)
        for event in try fixture.events() {
            #expect(!String(decoding: event.bytes, as: UTF8.self).contains("0917"))
        }
    }

    @Test("A reader's half-made file is left alone for an hour, then removed")
    func leftover() throws {
        let fixture = try LogFixture()
        let spool = AccessSpool(folder: Self.spool(fixture))
        try spool.make()
        let path = "\(spool.folder)/.abc.access.writing"
        try LogFixture.write(path, [0x7B])
        var status = stat()
        #expect(stat(path, &status) == 0)
        let made = Int64(status.st_mtim.tv_sec)
        #expect(spool.pending(limit: 9, now: made + 3_600).isEmpty && DurableFiles.exists(path))
        #expect(spool.pending(limit: 9, now: made + 3_601).isEmpty && !DurableFiles.exists(path))
    }

    @Test("Many accesses come in by limited commits; contents the rules refuse are withheld")
    func many() async throws {
        let fixture = try LogFixture()
        _ = try fixture.create()
        try await fixture.open().close()
        for _ in 0..<300 { try Self.record().write(keys: fixture.keys) }
        let refused = AccessRecord(
            command: "4111111111111111", actor: "maria", origin: "desk-3", clock: SteppingClock())
        try refused.write(keys: fixture.keys)
        try await fixture.open().close()
        let events = try Self.accesses(fixture)
        #expect(Set(events.map { $0.data["id"]?.stringValue }).count == 301)
        #expect(events.filter { $0.data["command"]?.stringValue == "given" }.count == 1)
    }
}
