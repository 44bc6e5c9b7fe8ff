import DurableFiles
import Foundation
import Glibc
import Testing

@testable import BatchRunner

@Suite("Claiming files")
struct ClaimsTests {
    static let fileID = "20261121-000001"
    /// SHA-256 of "hello\n".
    static let hello = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

    @Test("a file is copied, hashed, and its original unlinked", arguments: ["", "acme"])
    func straight(_ sender: String) throws {
        let temporary = try TemporarySite()
        try DurableFiles.makeFolder(temporary.site.inbox(of: "acme"))
        let path = sender.isEmpty ? "a.csv" : "\(sender)/a.csv"
        try temporary.drop(path, "hello\n")
        let entry = try temporary.entry("a.csv", sender: sender)
        let claims = Claims(site: temporary.site)
        let candidate = try #require(
            try claims.open(entry, storedAs: Self.fileID).candidate)
        #expect(candidate.record.sha256 == Self.hello)
        #expect(candidate.size == 6)
        #expect(candidate.isUnchanged)
        #expect(try temporary.text("state/files/\(Self.fileID)") == "hello\n")
        #expect(FileStatus(path: temporary.site.file(Self.fileID))?.permissions == 0o600)
        #expect(temporary.exists("inbox/\(path)"))
        #expect(try claims.finish(candidate) == .unlinked)
        #expect(!temporary.exists("inbox/\(path)"))
        #expect(try temporary.names("inbox/.claimed").isEmpty)
        #expect(try temporary.names("state/files") == [Self.fileID])
    }

    @Test(
        "a copy longer than one chunk is whole, and an empty file is a file",
        arguments: [0, 2_500_000])
    func sizes(_ count: Int) throws {
        let temporary = try TemporarySite()
        let text = String(repeating: "0123456789", count: count / 10)
        try temporary.drop("a", text)
        let claims = Claims(site: temporary.site)
        let candidate = try #require(
            try claims.open(temporary.entry("a"), storedAs: Self.fileID).candidate)
        #expect(candidate.size == Int64(count))
        #expect(try temporary.text("state/files/\(Self.fileID)") == text)
    }

    @Test("an abandoned copy is gone and the original untouched")
    func abandoned() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a", "hello\n")
        let claims = Claims(site: temporary.site)
        let entry = try temporary.entry("a")
        let candidate = try #require(try claims.open(entry, storedAs: Self.fileID).candidate)
        try claims.abandon(candidate)
        #expect(try temporary.names("state/files").isEmpty)
        #expect(try temporary.entry("a") == entry)
        #expect(!candidate.isUnchanged)
    }

    @Test("a file that a writer holds open is still growing", .enabled(if: hasLeases))
    func openWriter() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a", "hello\n")
        let writer = Glibc.open(temporary.site.resolve("inbox/a"), O_WRONLY | O_APPEND)
        let claims = Claims(site: temporary.site)
        let entry = try temporary.entry("a")
        #expect(try claims.open(entry, storedAs: Self.fileID).word == "growing")
        #expect(try temporary.names("state/files").isEmpty)
        close(writer)
        let opening = try claims.open(entry, storedAs: Self.fileID)
        #expect(opening.candidate?.lease == .held)
    }

    @Test("a writer that comes while we copy shows as growing", .enabled(if: hasLeases))
    func writerDuringCopy() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a", "hello\n")
        let path = temporary.site.resolve("inbox/a")
        var claims = Claims(site: temporary.site)
        claims.afterStep = { step in
            // Non-blocking: the open fails, but the lease is broken, as by any writer.
            if step == .copied { _ = Glibc.open(path, O_WRONLY | O_NONBLOCK) }
        }
        let opening = try claims.open(try temporary.entry("a"), storedAs: Self.fileID)
        #expect(opening.word == "growing")
        #expect(try temporary.names("state/files").isEmpty)
        #expect(try temporary.text("inbox/a") == "hello\n")
    }

    @Test("a file that changes while we copy is still growing, lease or not")
    func changeDuringCopy() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a", "hello\n")
        let path = temporary.site.resolve("inbox/a")
        var claims = Claims(site: temporary.site)
        claims.afterStep = { step in
            // chmod changes ctime without opening the file: nothing but fstat can see it.
            if step == .copied { chmod(path, 0o640) }
        }
        let opening = try claims.open(try temporary.entry("a"), storedAs: Self.fileID)
        #expect(opening.word == "growing")
        #expect(try temporary.names("state/files").isEmpty)
    }

    @Test("a link put in the place of a settled file is not followed")
    func linkSwap() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a", "hello\n")
        let entry = try temporary.entry("a")
        let path = temporary.site.resolve("inbox/a")
        try #require(unlink(path) == 0)
        try #require(symlink(temporary.site.configuration, path) == 0)
        try temporary.write("batchrunner.yaml", "secret")
        let claims = Claims(site: temporary.site)
        #expect(try claims.open(entry, storedAs: Self.fileID).word == "vanished")
        #expect(try temporary.names("state/files").isEmpty)
    }

    @Test("a sender's folder swapped for a link is not followed")
    func folderSwap() throws {
        let temporary = try TemporarySite()
        try DurableFiles.makeFolder(temporary.site.inbox(of: "acme"))
        try temporary.drop("acme/a", "hello\n")
        let entry = try temporary.entry("a", sender: "acme")
        let acme = temporary.site.inbox(of: "acme")
        try #require(rename(acme, temporary.site.resolve("elsewhere")) == 0)
        try #require(symlink(temporary.site.resolve("elsewhere"), acme) == 0)
        let claims = Claims(site: temporary.site)
        #expect(try claims.open(entry, storedAs: Self.fileID).word == "vanished")
    }

    @Test("a FIFO put in the place of a settled file does not hold us up")
    func pipeSwap() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a", "hello\n")
        let entry = try temporary.entry("a")
        let path = temporary.site.resolve("inbox/a")
        try #require(unlink(path) == 0)
        try #require(mkfifo(path, 0o600) == 0)
        let claims = Claims(site: temporary.site)
        #expect(try claims.open(entry, storedAs: Self.fileID).word == "vanished")
    }

    @Test("a hard link made after settling keeps the file from being taken")
    func hardLink() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a", "hello\n")
        let entry = try temporary.entry("a")
        let path = temporary.site.resolve("inbox/a")
        try #require(link(path, temporary.site.resolve("elsewhere")) == 0)
        let claims = Claims(site: temporary.site)
        #expect(try claims.open(entry, storedAs: Self.fileID).word == "vanished")
    }

    @Test("a file that is gone, or is another now, is left to the next scan")
    func replaced() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a", "hello\n")
        let entry = try temporary.entry("a")
        let claims = Claims(site: temporary.site)
        try temporary.replaceInInbox("a", "other\n")
        #expect(try claims.open(entry, storedAs: Self.fileID).word == "vanished")
        try #require(unlink(temporary.site.resolve("inbox/a")) == 0)
        #expect(try claims.open(entry, storedAs: Self.fileID).word == "vanished")
        #expect(try temporary.names("state/files").isEmpty)
    }

    @Test("a stored name that is taken is never overwritten")
    func storedNameTaken() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a", "hello\n")
        try temporary.write("state/files/\(Self.fileID)", "another file's bytes")
        let claims = Claims(site: temporary.site)
        let fault = #expect(throws: SiteFault.self) {
            try claims.open(try temporary.entry("a"), storedAs: Self.fileID)
        }
        #expect(fault?.code == .notCopied)
        #expect(try temporary.text("state/files/\(Self.fileID)") == "another file's bytes")
    }

    @Test(
        "lease and descriptor are free again when the candidate is let go of",
        .enabled(if: hasLeases))
    func releases() throws {
        let temporary = try TemporarySite()
        try temporary.drop("a", "hello\n")
        let path = temporary.site.resolve("inbox/a")
        let claims = Claims(site: temporary.site)
        func canWrite() -> Bool {
            let descriptor = Glibc.open(path, O_WRONLY | O_NONBLOCK)
            if descriptor >= 0 { close(descriptor) }
            return descriptor >= 0
        }
        do {
            let candidate = try #require(
                try claims.open(temporary.entry("a"), storedAs: Self.fileID).candidate)
            #expect(!canWrite())
            candidate.release()
            #expect(canWrite())
        }
        try claims.remove(temporary.site.file(Self.fileID))
        do { _ = try claims.open(temporary.entry("a"), storedAs: Self.fileID) }
        #expect(canWrite())
    }

    @Test(
        "a refused lease means a writer only where the kernel knows them all",
        arguments: [
            (EAGAIN, 0xEF53, LeaseAnswer.writer), (EAGAIN, 0x6573_5546, .writer),
            (EAGAIN, 0x6969, .unavailable(EAGAIN)), (EAGAIN, 0xFF53_4D42, .unavailable(EAGAIN)),
            (EAGAIN, 0xFE53_4D42, .unavailable(EAGAIN)),
            (EINVAL, 0x6573_5546, .unavailable(EINVAL)),
            (EACCES, 0xEF53, .unavailable(EACCES)),
        ] as [(Int32, Int64, LeaseAnswer)])
    func refusedLease(_ error: Int32, _ kind: Int64, _ answer: LeaseAnswer) {
        #expect(LeaseAnswer.refused(error, fileSystem: kind) == answer)
    }
}
