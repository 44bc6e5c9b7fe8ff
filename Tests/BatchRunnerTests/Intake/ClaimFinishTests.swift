import DurableFiles
import Foundation
import Glibc
import Testing

@testable import BatchRunner

@Suite("Finishing claims")
struct ClaimFinishTests {
    static let fileID = ClaimsTests.fileID

    /// A site with `a` copied and its claim durable.
    static func claimed(
        _ temporary: TemporarySite, _ claims: Claims
    ) throws -> ClaimCandidate {
        try temporary.drop("a", "hello\n")
        return try #require(
            try claims.open(temporary.entry("a"), storedAs: fileID).candidate)
    }

    @Test("another file renamed over the name after the copy goes back and is settled as new")
    func renamedOver() throws {
        let temporary = try TemporarySite()
        let claims = Claims(site: temporary.site)
        let candidate = try Self.claimed(temporary, claims)
        try temporary.replaceInInbox("a", "other\n")
        #expect(try claims.finish(candidate) == .givenBack)
        #expect(try temporary.text("inbox/a") == "other\n")
        #expect(try temporary.names("inbox/.claimed").isEmpty)
        #expect(try temporary.text("state/files/\(Self.fileID)") == "hello\n")
    }

    @Test("a file whose contents changed after the copy goes back, nothing of it is lost")
    func changed() throws {
        let temporary = try TemporarySite()
        let claims = Claims(site: temporary.site)
        let candidate = try Self.claimed(temporary, claims)
        // Without the lease, as on a file system that has none.
        candidate.release()
        try temporary.drop("a", "hello again\n")
        #expect(try claims.finish(candidate) == .givenBack)
        #expect(try temporary.text("inbox/a") == "hello again\n")
    }

    @Test("a writer waiting to open the original makes it go back", .enabled(if: hasLeases))
    func writerWaits() throws {
        let temporary = try TemporarySite()
        let claims = Claims(site: temporary.site)
        let candidate = try Self.claimed(temporary, claims)
        let descriptor = Glibc.open(
            temporary.site.resolve("inbox/a"), O_WRONLY | O_APPEND | O_NONBLOCK)
        #expect(descriptor < 0)
        #expect(try claims.finish(candidate) == .givenBack)
        #expect(try temporary.text("inbox/a") == "hello\n")
    }

    @Test("an original that its sender took away needs no finishing")
    func gone() throws {
        let temporary = try TemporarySite()
        let claims = Claims(site: temporary.site)
        let candidate = try Self.claimed(temporary, claims)
        try #require(unlink(temporary.site.resolve("inbox/a")) == 0)
        #expect(try claims.finish(candidate) == .gone)
    }

    @Test("a file that arrives under the name while the original is aside stays where it is")
    func arrivalMeanwhile() throws {
        let temporary = try TemporarySite()
        var claims = Claims(site: temporary.site)
        let candidate = try Self.claimed(temporary, claims)
        claims.afterStep = { step throws(SiteFault) in
            if step == .movedAside { try? temporary.drop("a", "newer\n") }
        }
        #expect(try claims.finish(candidate) == .unlinked)
        #expect(try temporary.text("inbox/a") == "newer\n")
    }

    @Test("two strangers under one name: the one moved aside waits until the name is free")
    func stranded() throws {
        let temporary = try TemporarySite()
        var claims = Claims(site: temporary.site)
        let candidate = try Self.claimed(temporary, claims)
        try temporary.replaceInInbox("a", "second\n")
        claims.afterStep = { step throws(SiteFault) in
            if step == .movedAside { try? temporary.drop("a", "third\n") }
        }
        #expect(try claims.finish(candidate) == .stranded)
        #expect(try temporary.text("inbox/a") == "third\n")
        #expect(try temporary.names("inbox/.claimed") == ["~\(Self.fileID)~~a"])
        claims.afterStep = { _ in }
        try claims.giveBackStranded()
        #expect(try temporary.text("inbox/a") == "third\n")
        try #require(unlink(temporary.site.resolve("inbox/a")) == 0)
        try claims.giveBackStranded()
        #expect(try temporary.text("inbox/a") == "second\n")
        #expect(try temporary.names("inbox/.claimed").isEmpty)
    }

    @Test(
        "an original that the system does not let us move stays, is told, and goes when it may",
        arguments: [EACCES, EPERM, EROFS, EIO])
    func left(_ error: Int32) throws {
        let temporary = try TemporarySite()
        var claims = Claims(site: temporary.site)
        claims.movingFails = { _ in error }
        let candidate = try Self.claimed(temporary, claims)
        #expect(try claims.finish(candidate) == .left(error))
        #expect(try temporary.text("inbox/a") == "hello\n")
        #expect(try claims.finishLeft(candidate.record) == .left(error))
        claims.movingFails = { _ in 0 }
        #expect(try claims.finishLeft(candidate.record) == .unlinked)
        #expect(try temporary.names("inbox") == [".claimed"])
        #expect(try temporary.text("state/files/\(Self.fileID)") == "hello\n")
    }

    @Test("a file that only looks like the original that was left is given back, not unlinked")
    func looksAlike() throws {
        let temporary = try TemporarySite()
        let claims = Claims(site: temporary.site)
        let candidate = try Self.claimed(temporary, claims)
        let known = candidate.record
        candidate.release()
        try temporary.drop("a", "olleh\n")
        // Made-up inodes and whole seconds, as a remote folder may have them.
        let record = ClaimRecord(
            storedName: known.storedName, sender: "", name: known.name,
            identity: try temporary.entry("a").identity, sha256: known.sha256)
        #expect(try claims.finishLeft(record) == .givenBack)
        #expect(try temporary.text("inbox/a") == "olleh\n")
    }

    @Test("without a rename that never replaces, an original is moved aside and unlinked")
    func withoutNoReplace() throws {
        let temporary = try TemporarySite()
        var claims = Claims(site: temporary.site)
        claims.movesInTwoCalls = true
        let candidate = try Self.claimed(temporary, claims)
        #expect(try claims.finish(candidate) == .unlinked)
        #expect(try temporary.names("inbox") == [".claimed"])
        #expect(try temporary.names("inbox/.claimed").isEmpty)
    }

    @Test("without it, too, what goes back never takes the name of a file that came meanwhile")
    func givenBackWithoutNoReplace() throws {
        let temporary = try TemporarySite()
        var claims = Claims(site: temporary.site)
        claims.movesInTwoCalls = true
        let candidate = try Self.claimed(temporary, claims)
        try temporary.replaceInInbox("a", "other\n")
        let inbox = temporary.site.inbox
        claims.afterStep = { step in
            guard step == .movedAside else { return }
            try? DurableFiles.createOnce(inbox + "/a", Array("third\n".utf8))
        }
        #expect(try claims.finish(candidate) == .stranded)
        #expect(try temporary.text("inbox/a") == "third\n")
        #expect(unlink(inbox + "/a") == 0)
        try claims.giveBackStranded()
        #expect(try temporary.text("inbox/a") == "other\n")
        #expect(try temporary.entry("a").status.links == 1)
        #expect(try temporary.names("inbox/.claimed").isEmpty)
    }

    @Test("stopped between the two calls of giving back, the file has one name again afterwards")
    func halfGivenBack() throws {
        let temporary = try TemporarySite()
        var claims = Claims(site: temporary.site)
        claims.movesInTwoCalls = true
        try temporary.drop("a", "hello\n")
        let aside = ClaimedName(storedName: Self.fileID, sender: "", name: RawName("a"))
        let stranded = try #require(aside.stranded.text)
        try #require(
            link(temporary.site.resolve("inbox/a"), temporary.site.claimed + "/" + stranded) == 0)
        try claims.giveBackStranded()
        #expect(try temporary.entry("a").status.links == 1)
        #expect(try temporary.names("inbox/.claimed").isEmpty)
    }
}
