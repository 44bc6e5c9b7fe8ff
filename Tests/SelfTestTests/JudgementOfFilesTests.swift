import OrderedJSON
import Testing

@testable import SelfTest

/// The same for files, rows and responses.
struct JudgementOfFilesTests {
    private typealias Books = HonestBooks

    @Test("A missing verdict is found")
    func noVerdict() {
        var books = Books()
        books.events.removeAll { $0.type == "callback.received" }
        #expect(books.findings == ["I4: \(Books.callback) (r.txt) has no verdict"])
    }

    @Test("A second verdict is found")
    func twoVerdicts() {
        var books = Books()
        books.add("file.rejected", file: Books.copy)
        #expect(
            books.findings == ["I4: \(Books.copy) has 2 verdicts: file.duplicate, file.rejected"])
    }

    @Test("A file that was never taken is lost; one taken twice is a double")
    func taken() {
        var books = Books()
        books.events.removeAll { $0.file == Books.callback }
        #expect(books.findings == ["I4: r.txt was dropped 1 times, taken 0"])
        books = Books()
        books.dropped.removeLast(2)
        books.events.removeAll { $0.file == Books.callback }
        #expect(books.findings == ["I4: acme/b.csv was dropped 1 times, taken 2"])
    }

    @Test("A private copy with other bytes, or none, is found")
    func copies() {
        var books = Books()
        books.copies[Books.file] = "0"
        books.copies[Books.callback] = nil
        #expect(
            books.findings == [
                "I4: the private copy of \(Books.file) (acme/b.csv) is not what was dropped",
                "I4: the private copy of \(Books.callback) (r.txt) is not what was dropped",
            ])
    }

    @Test("The same content accepted twice is a double")
    func acceptedTwice() {
        var books = Books()
        for place in books.events.indices where books.events[place].type == "file.duplicate" {
            books.events[place].type = "batch.accepted"
            books.events[place].data = ["counts": ["accepted": 0]]
        }
        #expect(books.findings.first == "I7: acme/b.csv was accepted 2 times")
    }

    @Test("A file that is wrong as a whole must not be accepted")
    func wrongFile() {
        var books = Books()
        for place in 0...1 { books.dropped[place].kind = .wrong }
        #expect(books.findings == ["I8: acme/b.csv is wrong as a whole, and was accepted"])
    }

    @Test("A good row that was not taken is lost, a faulty one that was taken is a false verdict")
    func promises() {
        var books = Books()
        for place in 0...1 {
            books.dropped[place].rows[4].promise = .good
            books.dropped[place].rows[3].promise = .faulty
        }
        #expect(
            books.findings == [
                "I4: \(Books.held) of acme/b.csv is faulty, and was taken",
                "I5: \(Books.faulty) of acme/b.csv is good, and was not taken",
            ])
    }

    @Test("A row that is in no file is found")
    func stranger() {
        var books = Books()
        for place in 0...1 { books.dropped[place].rows[3].number = "SKY9900000000" }
        #expect(
            books.findings == [
                "I5: SKY9900000000 of acme/b.csv is good, and was not taken",
                "I5: \(Books.held) stands in the log under acme/b.csv, not in the file",
            ])
    }

    @Test("A row that never ends, and one that nobody tells of, are lost")
    func openRows() {
        var books = Books()
        books.add("payout.unknown", row: 4, number: Books.held)
        #expect(
            books.findings == ["I13: \(Books.held) (row 4 of \(Books.file)) never ends: unknown"])
        books = Books()
        books.events.removeAll { $0.number == Books.held }
        books.provider.removeAll { $0["controlNumber"] == .string(Books.held) }
        #expect(
            books.findings == [
                "I5: \(Books.held) of acme/b.csv is good, and was not taken",
                "I5: \(Books.file): 4 rows were accepted, 3 were sent",
            ])
    }

    // MARK: Responses

    private static let result = "acme/b.csv.result.json"

    @Test("One byte of a response that was changed is found, by the promise and by the first look")
    func alteredByte() throws {
        var books = Books()
        let bytes = try #require(books.outbox[Self.result])
        books.outbox[Self.result]?[bytes.count - 1] = 0x20
        #expect(
            books.findings.prefix(2) == [
                "I6: \(Self.result) is not what was promised",
                "I6: \(Self.result) was altered after it was there",
            ])
    }

    @Test("A response that is missing, foreign, promised otherwise or published twice is found")
    func responses() {
        var books = Books()
        books.outbox["acme/b.csv.ack.json"] = nil
        #expect(
            books.findings == [
                "I6: acme/b.csv.ack.json was promised and is not in the outbox",
                "I5: acme/b.csv has no acknowledgement that can be read",
            ])
        books = Books()
        books.outbox["foreign.json"] = []
        books.add("response.prepared", ["name": .string(Self.result), "sha256": "0"])
        books.add("response.published", ["name": .string(Self.result)])
        #expect(
            books.findings == [
                "I6: \(Self.result) was promised twice, and not the same bytes",
                "I6: \(Self.result) was published 2 times",
                "I6: foreign.json lies in the outbox and was never promised",
            ])
    }

    @Test("A response that tells what the provider does not have is a false report")
    func falseTale() {
        var books = Books()
        books.rewriteBoth(
            "acme/b.csv.result",
            Books.table([
                (Books.paid, "100.00", "failed"), (Books.failed, "200.00", "accepted"),
                (Books.refused, "300.00", "accepted"), (Books.held, "400.00", "held"),
            ]))
        #expect(
            books.findings == [
                "I3: \(Self.result) tells \(Books.paid) as failed; the provider: paid",
                "I3: \(Self.result) tells \(Books.refused) as accepted; the provider: nothing",
            ])
    }

    @Test("Rows or money that a response does not tell of are lost")
    func sums() {
        var books = Books()
        books.rewriteBoth(
            "acme/b.csv.result",
            Books.table([
                (Books.paid, "100.00", "accepted"), (Books.failed, "200.00", "accepted"),
                (Books.refused, "300.00", "refused"),
            ]))
        #expect(
            books.findings == [
                "I5: acme/b.csv: 5 rows, 1500.00 came in; told of are 3 and 1 rejected, "
                    + "600.00 of them sent"
            ])
    }
}
