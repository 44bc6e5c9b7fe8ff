import DurableFiles
import Foundation
import Testing

@testable import BatchRunner

@Suite("Publishing responses")
struct PublisherTests {
    private let temporary: TemporarySite
    private let publisher: Publisher

    init() throws {
        temporary = try TemporarySite()
        publisher = Publisher(
            outbox: temporary.site.outbox, staging: temporary.site.staging)
    }

    /// Stages bytes and gives the promise of them.
    private func stage(_ text: String, name: String = "in.csv.ack.json") throws -> PreparedResponse
    {
        let staged = try StagedFile(
            path: temporary.site.staging + "/"
                + PreparedResponse.stagedName(fileID: "f-1", kind: .acknowledgement))
        try staged.write(text.utf8)
        let (sha256, bytes) = try staged.finish()
        #expect(sha256 == SHA256Text.of(text))
        #expect(bytes == text.utf8.count)
        return PreparedResponse(
            fileID: "f-1", kind: .acknowledgement, name: name, sha256: sha256, bytes: bytes)
    }

    @Test("A response appears whole, readable for the group, with nothing beside it")
    func publishes() throws {
        let text = String(repeating: "0123456789", count: 60_000)
        let response = try stage(text, name: "acme/in.csv.ack.json")
        try publisher.publish(response)
        #expect(try temporary.text("outbox/acme/in.csv.ack.json") == text)
        #expect(try temporary.names("outbox/acme") == ["in.csv.ack.json"])
        let status = FileStatus(path: temporary.site.outbox + "/acme/in.csv.ack.json")
        #expect((status?.permissions ?? 0) & 0o037 == 0)
        try publisher.forget(response)
        try publisher.forget(response)
        #expect(try temporary.names("state/staging").isEmpty)
    }

    @Test("The same bytes already there are published, staged bytes or not")
    func again() throws {
        let response = try stage("once")
        try publisher.publish(response)
        try publisher.publish(response)
        try publisher.forget(response)
        try publisher.publish(response)
        #expect(try temporary.text("outbox/in.csv.ack.json") == "once")
    }

    @Test(
        "A name that begins with a mark is published like any other",
        arguments: ["\u{301}a.csv.ack.json", "acme/\u{301}a.csv.ack.json", "\u{200D}a.ack.json"])
    func markedName(_ name: String) throws {
        let response = try stage("once", name: name)
        try publisher.publish(response)
        try publisher.publish(response)
        #expect(try temporary.text("outbox/" + name) == "once")
    }

    @Test("One whose bytes are gone is told of, and stops nobody else; its sender's copy will do")
    func lost() throws {
        let response = try stage("once")
        let staged = temporary.site.staging + "/" + response.stagedName
        try DurableFiles.remove(staged)
        let conflict = #expect(throws: OutboxConflict.self) { try publisher.publish(response) }
        #expect(conflict?.isLost == true)
        #expect(conflict?.description.contains("its bytes are gone") == true)
        try temporary.write("outbox/in.csv.ack.json", "once")
        try publisher.publish(response)
    }

    @Test("So is a folder whose files are gone")
    func lostFolder() throws {
        let response = PreparedResponse(
            fileID: "f-1", kind: .barCodes, name: "in.csv.barcodes", sha256: "aa", bytes: 1)
        let conflict = #expect(throws: OutboxConflict.self) { try publisher.publish(response) }
        #expect(conflict?.isLost == true)
    }

    @Test("Another file is never overwritten", arguments: ["", "onc", "onCe", "once more"])
    func conflict(_ other: String) throws {
        let response = try stage("once")
        try temporary.write("outbox/in.csv.ack.json", other)
        #expect(throws: OutboxConflict.self) { try publisher.publish(response) }
        #expect(try temporary.text("outbox/in.csv.ack.json") == other)
        #expect(try temporary.names("state/staging").count == 1, "the response is not lost")
        try DurableFiles.remove(temporary.site.outbox + "/in.csv.ack.json")
        try publisher.publish(response)
        #expect(try temporary.text("outbox/in.csv.ack.json") == "once")
    }

    @Test("A folder or a link at its place is a conflict, and stops nobody else")
    func oddThings() throws {
        let response = try stage("once")
        let path = temporary.site.outbox + "/in.csv.ack.json"
        try DurableFiles.makeFolder(path)
        #expect(throws: OutboxConflict.self) { try publisher.publish(response) }
        #expect(rmdir(path) == 0)
        try temporary.write("elsewhere", "once")
        #expect(symlink(temporary.site.resolve("elsewhere"), path) == 0)
        #expect(throws: OutboxConflict.self) { try publisher.publish(response) }
        #expect(unlink(path) == 0)
        #expect(symlink("nowhere", path) == 0)
        #expect(throws: OutboxConflict.self) { try publisher.publish(response) }
    }

    @Test("A folder that takes nothing is told of; the response is kept, and appears once it does")
    func refusedFolder() throws {
        let response = try stage("once", name: "acme/in.csv.ack.json")
        // A file where the folder belongs stops the superuser too.
        try temporary.write("outbox/acme", "in the way")
        let told = #expect(throws: OutboxConflict.self) { try publisher.publish(response) }
        #expect(told?.failure?.operation == "mkdir")
        #expect(told?.description.contains("outbox/acme/in.csv.ack.json") == true)
        #expect(told?.description.contains("failed") == true)
        #expect(try temporary.names("state/staging").count == 1, "the response is not lost")
        try DurableFiles.remove(temporary.site.outbox(of: "acme"))
        try publisher.publish(response)
        #expect(try temporary.text("outbox/acme/in.csv.ack.json") == "once")
    }

    @Test("What fails in our own folder is no matter of one sender's")
    func brokenStaging() throws {
        let response = try stage("once")
        try publisher.forget(response)
        let staged = temporary.site.staging + "/" + response.stagedName
        #expect(symlink("nowhere", staged) == 0)
        let failure = #expect(throws: FileError.self) { try publisher.publish(response) }
        #expect(failure?.code == ELOOP && failure?.path.contains("/staging/") == true)
    }

    @Test("What a crash left half-written is replaced")
    func halfWritten() throws {
        let response = try stage("once")
        try temporary.write("outbox/.in.csv.ack.json.writing", "on and more than that")
        try publisher.publish(response)
        #expect(try temporary.names("outbox") == ["in.csv.ack.json"])
        #expect(try temporary.text("outbox/in.csv.ack.json") == "once")
    }

    @Test(
        "Staged bytes that are not the promised ones never appear",
        arguments: ["", "oncE", "once "])
    func damaged(_ other: String) throws {
        let response = try stage("once")
        try temporary.write("state/staging/" + response.stagedName, other)
        #expect(throws: InvariantViolation.self) { try publisher.publish(response) }
        #expect(!temporary.exists("outbox/in.csv.ack.json"))
    }

    @Test("Staging again replaces what was staged before")
    func stagedAgain() throws {
        _ = try stage("first")
        let response = try stage("second")
        try publisher.publish(response)
        #expect(try temporary.text("outbox/in.csv.ack.json") == "second")
    }

    @Test("What the runner lacks is not the folder's trouble")
    func ours() throws {
        let temporary = try TemporarySite()
        let publisher = Publisher(
            outbox: temporary.site.outbox, staging: temporary.site.staging)
        for (code, isOurs) in [
            (ENOSPC, true), (EMFILE, true), (ENOMEM, true), (EDQUOT, false), (EACCES, false),
            (EIO, false), (ESTALE, false),
        ] {
            let error = FileError(
                operation: "write", path: temporary.site.outbox + "/a.csv", code: code)
            #expect(publisher.isOurs(error) == isOurs, "\(code)")
        }
    }
}
