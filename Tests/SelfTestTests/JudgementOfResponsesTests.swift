import OrderedJSON
import Testing

@testable import SelfTest

/// The same for responses that are missing, and for those that people do not read first.
struct JudgementOfResponsesTests {
    private typealias Books = HonestBooks

    @Test(
        "A response that is owed and was never prepared is found",
        arguments: [
            "acme/b.csv.ack.json", "acme/b.csv.rejected.csv", "acme/b.csv.result.json",
            "acme/b.csv.result.csv", "acme/again.csv.ack.json", "r.txt.response.json",
            "r.txt.response.txt", "\(Books.cancellation).json.ack.json",
            "\(Books.cancellation).json.final.json", "\(Books.transfers).json.result.csv",
            "\(Books.registration).json.final.csv", "\(Books.inquiry).json.response.json",
            "\(Books.payment).json.response.json",
        ])
    func missing(_ name: String) {
        var books = Books.withOthers()
        books.take(back: name)
        #expect(books.findings.contains("I6: \(name) is owed and was never promised"))
        #expect(!books.story.isSettled(books.dropped))
    }

    @Test("A final is owed once no row is held any more, and a copy of a callback has its answer")
    func owedLater() {
        var books = Books()
        books.add("payout.accepted", row: 4, number: Books.held)
        books.add("payout.paid", row: 4, number: Books.held)
        let owed = Set(books.story.owedResponses(books.dropped))
        #expect(owed.isSuperset(of: ["acme/b.csv.final.json", "acme/b.csv.final.csv"]))
        books = Books()
        books.add("file.claimed", file: "copy", ["outputName": "c.txt", "name": "c.txt"])
        books.add(
            "file.duplicate", file: "copy",
            ["duplicateOf": .string(Books.callback), "encrypted": true])
        let copies = Set(books.story.owedResponses(books.dropped)).filter { $0.hasPrefix("c.txt") }
        #expect(copies == ["c.txt.response.json", "c.txt.response.txt"])
    }

    @Test("A rejected file is owed its acknowledgement, and its rows where they were read")
    func rejected() {
        var books = Books()
        books.add("file.claimed", file: "x", ["outputName": "x.json", "name": "x.json"])
        books.add("file.rejected", file: "x")
        books.add("file.claimed", file: "y", ["outputName": "y.json", "name": "y.json"])
        books.add("file.rejected", file: "y", ["counts": ["rejected": 2]])
        #expect(
            books.story.owedResponses([]).suffix(3) == [
                "x.json.ack.json", "y.json.ack.json", "y.json.rejected.json",
            ])
    }

    // MARK: Twins

    @Test("A table for machines that tells otherwise than its document is found")
    func twins() {
        let name = "acme/b.csv.result"
        let honest = String(decoding: Books().outbox[name + ".csv"] ?? [], as: UTF8.self)
        let lines = honest.split(separator: "\n", omittingEmptySubsequences: false)
        for (text, finding) in [
            (
                honest.replacing("accepted", with: "paid", maxReplacements: 1),
                "I3: \(name).csv, row 1: outcome is not that of \(name).json"
            ),
            (
                lines.dropLast(2).joined(separator: "\n") + "\n",
                "I5: \(name).csv tells of 3 rows, \(name).json of 4"
            ),
            (
                honest.replacing("outcome", with: "standing"),
                "I6: \(name).csv has no column outcome"
            ),
            (String(honest.dropLast()), "I6: \(name).csv cannot be read"),
        ] {
            var books = Books()
            books.take(back: name + ".csv")
            books.publish(text: name + ".csv", text)
            #expect(books.findings.contains(finding), "\(books.findings)")
        }
    }

    @Test("Tables are read as they are written: quotes, commas and lines in cells, both line ends")
    func tables() {
        let text = "a,b\r\n\"x,\"\"y\"\"\",\"two\nlines\"\n,\n"
        let table = Table(csv: Array(text.utf8))
        #expect(table?.columns == ["a", "b"])
        #expect(table?.records == [["x,\"y\"", "two\nlines"], ["", ""]])
        for broken in ["", "a,b\nx\n", "a\n\"x\n", "a\nx"] {
            #expect(Table(csv: Array(broken.utf8)) == nil, "\(broken)")
        }
    }

    // MARK: Corrections

    private static let final = "\(Books.cancellation).json.final"

    /// The cancellation was told as failed, and carried out all the same.
    private func toldAsFailed(_ correction: [JSONObject]?) -> [String] {
        var books = Books.withOthers()
        books.rewriteBoth(
            Self.final,
            [
                "action": "cancelPayout",
                "rows": [
                    ["line": 1, "controlNumber": .string(Books.cancelled), "outcome": "failed"]
                ],
            ])
        if let correction {
            books.publishBoth(
                "\(Books.cancellation).json.correction.1",
                [
                    "action": "cancelPayout",
                    "rows": .array(correction.map { .object($0) }),
                ])
        }
        return books.findings
    }

    @Test("A correction excuses the order it tells of, and no other one of its file")
    func corrections() {
        let told =
            "I3: \(Self.final).json tells \(Books.cancelled) as failed; the provider: done"
        #expect(toldAsFailed(nil) == [told])
        let right: JSONObject = [
            "line": 1, "controlNumber": .string(Books.cancelled), "outcome": "cancelled",
        ]
        #expect(toldAsFailed([right]) == [])
        var other = right
        other["controlNumber"] = .string(Books.paid)
        let findings = toldAsFailed([other])
        #expect(findings.contains(told))
        // And what it tells of the other one is not so.
        #expect(
            findings.contains(
                "I3: \(Books.cancellation).json.correction.1.json tells \(Books.paid) as cancelled; "
                    + "the provider: not done"))
    }

    @Test("What was told as held and came to an end needs a correction, in both forms")
    func heldAndFound() {
        var books = Books()
        let at = 99_000
        books.provider.append(Books.applied(Books.held, "400.00", fails: false, at: at))
        books.provider.append([
            "event": "settled", "controlNumber": .string(Books.held), "at": 99_001,
        ])
        for place in books.events.indices where books.events[place].type == "payout.held" {
            books.events[place].data = ["amount": "400.00", "possiblySent": true]
        }
        let rows = [
            (Books.paid, "100.00"), (Books.failed, "200.00"), (Books.refused, "300.00"),
            (Books.held, "400.00"),
        ]
        let outcomes = ["accepted", "accepted", "refused", "held"]
        let document = Books.table(zip(rows, outcomes).map { ($0.0, $0.1, $1) })
        var members = document.objectValue ?? [:]
        var list = members["rows"]?.arrayValue ?? []
        var last = list.removeLast().objectValue ?? [:]
        last["possiblySent"] = true
        members["rows"] = .array(list + [.object(last)])
        books.rewriteBoth("acme/b.csv.result", .object(members))
        books.add("payout.accepted", row: 4, number: Books.held, ["source": "query"])
        books.add("payout.paid", row: 4, number: Books.held)
        let ends = ["paid", "failed", "refused", "paid"]
        books.publishBoth(
            "acme/b.csv.final", Books.table(zip(rows, ends).map { ($0.0, $0.1, $1) }))
        #expect(
            books.findings == [
                "I6: acme/b.csv.result.json tells \(Books.held) as held, and no correction what it is"
            ])
        let correction = Books.table([(Books.held, "400.00", "accepted")])
        books.publish("acme/b.csv.correction.1.json", correction)
        #expect(books.findings == ["I6: acme/b.csv.correction.1.csv was never promised"])
        books.publish(text: "acme/b.csv.correction.1.csv", Books.twin(correction))
        #expect(books.findings == [])
    }
}
