import DurableFiles
import Foundation
import Glibc
import OrderedJSON
import Testing

@testable import BatchRunner

@Suite("Recovering claims after a crash")
struct ClaimRecoveryTests {
    static let fileID = ClaimsTests.fileID

    /// Recovers twice; the second time must find nothing to do.
    static func recover(
        _ temporary: TemporarySite, _ journalled: [ClaimRecord]
    ) throws -> Claims.Recovery {
        let claims = Claims(site: temporary.site)
        func once() throws -> Claims.Recovery {
            try claims.recover(unfinished: journalled) { name in
                journalled.first { $0.storedName == name }
            }
        }
        let first = try once()
        let inbox = try temporary.names("inbox")
        let files = try temporary.names("state/files")
        #expect(try once() == Claims.Recovery())
        #expect(try temporary.names("inbox") == inbox)
        #expect(try temporary.names("state/files") == files)
        return first
    }

    @Test(
        "stopped before the claim is durable, the copy goes and the original stays",
        arguments: [IntakeStep.opened, .copied, .stored])
    func beforeTheClaim(_ stop: IntakeStep) throws {
        let temporary = try TemporarySite()
        try temporary.drop("a", "hello\n")
        let entry = try temporary.entry("a")
        var claims = Claims(site: temporary.site)
        claims.afterStep = { step throws(SiteFault) in if step == stop { throw crash } }
        #expect(throws: crash) { try claims.open(entry, storedAs: Self.fileID) }
        let recovery = try Self.recover(temporary, [])
        let left: [IntakeStep: [String]] = [
            .opened: [], .copied: ["\(Self.fileID).part"], .stored: [Self.fileID],
        ]
        #expect(recovery == Claims.Recovery(removedCopies: left[stop] ?? ["?"]))
        #expect(try temporary.names("state/files").isEmpty)
        #expect(try temporary.entry("a") == entry)
    }

    @Test(
        "stopped after the claim is durable, the original goes and the copy stays",
        arguments: [nil, IntakeStep.movedAside, .compared, .unlinked])
    func afterTheClaim(_ stop: IntakeStep?) throws {
        let temporary = try TemporarySite()
        var claims = Claims(site: temporary.site)
        let candidate = try ClaimFinishTests.claimed(temporary, claims)
        if let stop {
            claims.afterStep = { step throws(SiteFault) in if step == stop { throw crash } }
            #expect(throws: crash) { try claims.finish(candidate) }
        }
        candidate.release()
        let recovery = try Self.recover(temporary, [candidate.record])
        #expect(recovery.finished == (stop == .unlinked ? [] : [Self.fileID]))
        #expect(recovery.removedCopies.isEmpty && recovery.givenBack.isEmpty)
        #expect(try temporary.names("inbox") == [".claimed"])
        #expect(try temporary.names("inbox/.claimed").isEmpty)
        #expect(try temporary.text("state/files/\(Self.fileID)") == "hello\n")
    }

    @Test(
        "an original whose name the journal has masked is found, in the inbox and aside",
        arguments: [nil, IntakeStep.movedAside], ["", "4111111111111111"])
    func maskedName(_ stop: IntakeStep?, _ sender: String) throws {
        let temporary = try TemporarySite()
        let name = "4111111111111111.csv"
        if !sender.isEmpty { try DurableFiles.makeFolder(temporary.site.inbox(of: sender)) }
        try temporary.drop(sender.isEmpty ? name : "\(sender)/\(name)", "hello\n")
        var claims = Claims(site: temporary.site)
        let candidate = try #require(
            try claims.open(temporary.entry(name, sender: sender), storedAs: Self.fileID).candidate)
        if let stop {
            claims.afterStep = { step throws(SiteFault) in if step == stop { throw crash } }
            #expect(throws: crash) { try claims.finish(candidate) }
        }
        candidate.release()
        let record = candidate.record
        let journalled = record.lying(
            in: PersonalData.safe(sender), as: RawName(PersonalData.safe(name)))
        #expect(journalled != record)
        let recovery = try Self.recover(temporary, [journalled])
        #expect(recovery.finished == [Self.fileID])
        #expect(recovery.removedCopies.isEmpty && recovery.givenBack.isEmpty)
        #expect(try temporary.entries().isEmpty)
        #expect(try temporary.names("inbox/.claimed").isEmpty)
    }

    @Test("stopped with a stranger moved aside, the stranger comes back", arguments: [false, true])
    func strangerAside(_ nameIsTaken: Bool) throws {
        let temporary = try TemporarySite()
        var claims = Claims(site: temporary.site)
        let candidate = try ClaimFinishTests.claimed(temporary, claims)
        try temporary.replaceInInbox("a", "stranger\n")
        claims.afterStep = { step throws(SiteFault) in if step == .movedAside { throw crash } }
        #expect(throws: crash) { try claims.finish(candidate) }
        if nameIsTaken { try temporary.drop("a", "third\n") }
        let recovery = try Self.recover(temporary, [candidate.record])
        #expect(recovery.givenBack == [Self.fileID])
        #expect(try temporary.text("inbox/a") == (nameIsTaken ? "third\n" : "stranger\n"))
        if nameIsTaken {
            #expect(
                try temporary.text("inbox/.claimed/~\(Self.fileID)~~a") == "stranger\n")
        }
        #expect(try temporary.text("state/files/\(Self.fileID)") == "hello\n")
    }

    @Test("an original aside whose claim is not in the journal is never unlinked")
    func noClaim() throws {
        let temporary = try TemporarySite()
        var claims = Claims(site: temporary.site)
        let candidate = try ClaimFinishTests.claimed(temporary, claims)
        claims.afterStep = { step throws(SiteFault) in if step == .movedAside { throw crash } }
        #expect(throws: crash) { try claims.finish(candidate) }
        let recovery = try Self.recover(temporary, [])
        #expect(recovery.givenBack == [Self.fileID])
        #expect(recovery.removedCopies == [Self.fileID])
        #expect(try temporary.text("inbox/a") == "hello\n")
    }

    @Test("a newer file under the name of an unfinished claim is left for the next scan")
    func newerFile() throws {
        let temporary = try TemporarySite()
        let claims = Claims(site: temporary.site)
        let candidate = try ClaimFinishTests.claimed(temporary, claims)
        candidate.release()
        try temporary.replaceInInbox("a", "newer\n")
        let recovery = try Self.recover(temporary, [candidate.record])
        #expect(recovery == Claims.Recovery())
        #expect(try temporary.text("inbox/a") == "newer\n")
    }

    @Test("a copy that is missing or altered stops everything, and nothing is unlinked")
    func damagedCopy() throws {
        for damage in ["missing", "altered"] {
            let temporary = try TemporarySite()
            let claims = Claims(site: temporary.site)
            let candidate = try ClaimFinishTests.claimed(temporary, claims)
            candidate.release()
            if damage == "missing" {
                try DurableFiles.remove(temporary.site.file(Self.fileID))
            } else {
                try temporary.write("state/files/\(Self.fileID)", "Hello\n")
            }
            let fault = #expect(throws: SiteFault.self, "\(damage)") {
                try claims.recover(unfinished: [candidate.record]) { _ in candidate.record }
            }
            #expect(fault?.code == .copyDamaged)
            #expect(try temporary.text("inbox/a") == "hello\n")
        }
    }

    @Test("a file and its side file are both finished from one journalled claim")
    func pair() throws {
        let temporary = try TemporarySite()
        let claims = Claims(site: temporary.site)
        let file = try ClaimFinishTests.claimed(temporary, claims)
        try temporary.drop("a.ctl", "{}")
        let side = try #require(
            try claims.open(
                temporary.entry("a.ctl"), storedAs: ClaimRecord.sideStoredName(Self.fileID)
            ).candidate)
        let identity = ClaimRecord.identity(
            file: file.record.identity, side: side.record.identity)
        file.release()
        side.release()
        let records = ClaimRecord.records(
            fileID: Self.fileID, sender: "", name: "a", identity: identity,
            sha256: file.record.sha256, sideSHA256: side.record.sha256)
        #expect(records == [file.record, side.record])
        let recovery = try Self.recover(temporary, records)
        #expect(recovery.finished == [Self.fileID, "\(Self.fileID).ctl"])
        #expect(try temporary.names("inbox") == [".claimed"])
    }

    @Test("identities are read as they were written, marked or plain")
    func identities() throws {
        let plain = FileIdentity(device: 1, inode: 2, size: 3, modified: -4, changed: 5)
        #expect(
            plain.json == [
                "device": "1", "inode": "2", "size": "3", "modified": "-4", "changed": "5",
            ])
        #expect(FileIdentity(plain.json) == plain)
        var json = plain.json
        json["modified"] = "315532801000000000"
        let early = try #require(FileIdentity(json))
        #expect(early.json["modified"] == "315532801000000000n")
        #expect(FileIdentity(early.json) == early)
        for text in ["", "n", "nn", "1nn", "n1", "1x"] {
            json["modified"] = .string(text)
            #expect(FileIdentity(json) == nil, "\(text)")
        }
    }

    @Test("copies whose claim has an identity that was masked stay, and so do the originals")
    func maskedIdentity() throws {
        let temporary = try TemporarySite()
        let claims = Claims(site: temporary.site)
        let file = try ClaimFinishTests.claimed(temporary, claims)
        try temporary.drop("a.ctl", "{}")
        let side = try #require(
            try claims.open(
                temporary.entry("a.ctl"), storedAs: ClaimRecord.sideStoredName(Self.fileID)
            ).candidate)
        file.release()
        side.release()
        var identity = file.record.identity.json
        identity["modified"] = "xxxxxxxxxxxxxx0000"
        identity["side"] = .object(identity)
        let records = ClaimRecord.records(
            fileID: Self.fileID, sender: "", name: "a", identity: identity,
            sha256: file.record.sha256, sideSHA256: side.record.sha256)
        #expect(records.map(\.storedName) == [Self.fileID, "\(Self.fileID).ctl"])
        #expect(try Self.recover(temporary, records) == Claims.Recovery())
        #expect(try temporary.names("state/files") == records.map(\.storedName))
        #expect(try temporary.names("inbox") == [".claimed", "a", "a.ctl"])
    }

    @Test("an original that cannot be moved does not keep the site from starting")
    func cannotBeMoved() throws {
        let temporary = try TemporarySite()
        var claims = Claims(site: temporary.site)
        claims.movingFails = { _ in EPERM }
        let candidate = try ClaimFinishTests.claimed(temporary, claims)
        candidate.release()
        for _ in 0..<2 {
            let recovery = try claims.recover(unfinished: [candidate.record]) { _ in
                candidate.record
            }
            #expect(recovery == Claims.Recovery())
            #expect(try temporary.text("inbox/a") == "hello\n")
            #expect(try temporary.text("state/files/\(Self.fileID)") == "hello\n")
        }
        #expect(try Self.recover(temporary, [candidate.record]).finished == [Self.fileID])
    }

    @Test("texts go whose copy has no claim or was another's; the text of a claimed copy stays")
    func texts() throws {
        let temporary = try TemporarySite()
        let candidate = try ClaimFinishTests.claimed(temporary, Claims(site: temporary.site))
        candidate.release()
        let record = candidate.record
        let lost = "20261121-000050"
        let kept = FileStore.textName(Self.fileID, sha256: record.sha256)
        let stale = [
            "\(Self.fileID).text", FileStore.textName(Self.fileID, sha256: "0123456789abcdef"),
            "\(lost).text", FileStore.textName(lost, sha256: record.sha256),
        ]
        for name in stale + [kept] { try temporary.write("state/files/\(name)", "text") }
        #expect(try Self.recover(temporary, [record]).removedCopies == stale.sorted())
        #expect(try temporary.names("state/files") == [Self.fileID, kept])
    }

    @Test("what is not ours in the state folder is left alone")
    func strays() throws {
        let temporary = try TemporarySite()
        try temporary.write("state/files/README", "x")
        try temporary.write("state/files/notes-1.text", "x")
        try temporary.write("inbox/.claimed/stray", "x")
        #expect(try Self.recover(temporary, []) == Claims.Recovery())
        #expect(temporary.exists("state/files/README"))
        #expect(temporary.exists("state/files/notes-1.text"))
        #expect(temporary.exists("inbox/.claimed/stray"))
    }
}
