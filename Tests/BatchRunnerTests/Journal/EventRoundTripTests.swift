import AuditLog
import OrderedJSON
import SkyPay
import Testing

@testable import AuditLog
@testable import BatchRunner

@Suite("Events say what they were made from")
struct EventRoundTripTests {
    private static let author = EventAuthor(actor: "batchrunner", origin: "host.example")

    /// The event as it comes back from the log's own bytes.
    private func event(_ draft: EventDraft) throws -> Event {
        let event = Event(
            sequence: 7, time: "2026-11-21T04:10:19.123456+08:00", draft: draft)
        return try Event(line: event.bytes)
    }

    @Test("What a provider writes fits into an event, whatever its characters are made of")
    func longTexts() {
        // One character of many bytes: a letter under marks without end.
        let text = "a" + String(repeating: "\u{0301}", count: 60_000)
        #expect(text.count == 1)
        var note = PayoutNote(
            row: RowKey(fileID: "20261121-000001", row: 3), line: 5, batch: "B-1",
            controlNumber: "SKY9900000001", fact: .unknown(numberInUse: false), code: text,
            description: text)
        note.reference = text
        note.providerTime = text
        #expect(JSONValue.object(note.draft(Self.author).data).bytes().count < 10_000)
        #expect(CallbackNote.cut(text).utf8.count < 1_000)
    }

    @Test(
        "Every fact of a payout",
        arguments: [
            PayoutFact.intended(attempt: 3), .accepted, .refused, .unsent,
            .unknown(numberInUse: false), .unknown(numberInUse: true), .suspended,
            .held(possiblySent: true), .held(possiblySent: false), .queried(found: true),
            .queried(found: false), .unanswered, .reported, .resolved(.paid), .resolved(.resend),
            .paid, .failed, .cancelled,
        ])
    func payoutNotes(_ fact: PayoutFact) throws {
        var note = PayoutNote(
            row: RowKey(fileID: "20261121-000001", row: 3), line: 5, batch: "B-1",
            controlNumber: "SKY9900000001", fact: fact, code: "-1008", description: "in use",
            source: "query")
        #expect(PayoutNote(try event(note.draft(Self.author))) == note)
        note.code = nil
        note.description = ""
        note.bodySHA256 = "ab"
        note.reference = "R-1"
        note.providerTime = "2026-11-21 10:00:00"
        #expect(PayoutNote(try event(note.draft(Self.author))) == note)
    }

    @Test(
        "Every fact of an order, transfer or question",
        arguments: [
            RequestFact.intended(attempt: 2), .accepted, .answered(nil),
            .answered(
                StoredAnswer(name: "a.jsonl", offset: 7, length: 9, entries: nil, sha256: "ab")),
            .answered(
                StoredAnswer(name: "b.jsonl", offset: 0, length: 0, entries: 3, sha256: "cd")),
            .refused, .unsent, .unknown, .suspended, .held(possiblySent: true),
            .held(possiblySent: false), .queried(unchanged: true), .queried(unchanged: false),
            .unanswered,
            .reported(payType: 5), .confirmed, .failed,
        ])
    func requestNotes(_ fact: RequestFact) throws {
        var note = RequestNote(
            row: RowKey(fileID: "20261121-000001", row: 3), line: 5, batch: "B-1",
            action: "cancelPayout", number: "SKY9900000001", amount: nil, fact: fact)
        #expect(RequestNote(try event(note.draft(Self.author))) == note)
        note.number = nil
        note.code = "-1009"
        note.description = "told"
        note.source = "query"
        note.bodySHA256 = "ab"
        note.reference = "R-1"
        note.providerTime = "2026-11-21 10:00:00"
        note.amount = Amount(wire: "12.50")
        #expect(RequestNote(try event(note.draft(Self.author))) == note)
    }

    @Test("Whether a doubtful answer came sealed is kept, and nothing is said of it elsewhere")
    func decrypted() throws {
        for fact in [PayoutFact.suspended, .unknown(numberInUse: false)] {
            var note = PayoutNote(
                row: RowKey(fileID: "f", row: 1), line: 3, batch: "b", controlNumber: "c",
                fact: fact)
            note.wasDecrypted = true
            let back = try #require(PayoutNote(try event(note.draft(Self.author))))
            #expect(back.wasDecrypted == (fact == .suspended))
        }
        var note = RequestNote(
            row: RowKey(fileID: "f", row: 1), line: 3, batch: "b", action: "balanceTransfer",
            number: nil, amount: nil, fact: .suspended)
        note.wasDecrypted = true
        #expect(try #require(RequestNote(try event(note.draft(Self.author)))).wasDecrypted)
    }

    @Test("That SkyPay turned an action away is said of what is unsent by it, and of nothing else")
    func turnedAway() throws {
        for fact in [PayoutFact.unsent, .held(possiblySent: false)] {
            var note = PayoutNote(
                row: RowKey(fileID: "f", row: 1), line: 3, batch: "b", controlNumber: "c",
                fact: fact)
            note.wasTurnedAway = true
            let back = try #require(PayoutNote(try event(note.draft(Self.author))))
            #expect(back.wasTurnedAway == (fact == .unsent))
        }
        var note = RequestNote(
            row: RowKey(fileID: "f", row: 1), line: 3, batch: "b", action: "cancelPayout",
            number: nil, amount: nil, fact: .unsent)
        note.wasTurnedAway = true
        #expect(try #require(RequestNote(try event(note.draft(Self.author)))).wasTurnedAway)
    }

    @Test("What failed is recorded as a failure")
    func outcomes() {
        func outcome(_ fact: PayoutFact) -> Outcome {
            PayoutNote(
                row: RowKey(fileID: "f", row: 1), line: 3, batch: "b", controlNumber: "c",
                fact: fact
            ).draft(Self.author).outcome
        }
        for fact in [PayoutFact.refused, .failed, .suspended, .unknown(numberInUse: false)] {
            #expect(outcome(fact) == .failure)
        }
        for fact in [PayoutFact.intended(attempt: 1), .accepted, .paid] {
            #expect(outcome(fact) == .success)
        }
    }

    @Test("A claim, with and without a side file")
    func claims() throws {
        var claim = FileClaim(
            fileID: "20261121-000001", sender: "acme", name: "a.csv", outputName: "a.csv~2",
            sha256: "ab", bytes: 12, sideSHA256: "cd", identity: ["inode": 7, "device": 8])
        #expect(FileClaim(try event(claim.draft(Self.author))) == claim)
        claim.sideSHA256 = nil
        claim.identity = [:]
        #expect(FileClaim(try event(claim.draft(Self.author))) == claim)
    }

    @Test("A promised response")
    func responses() throws {
        let response = PreparedResponse(
            fileID: "20261121-000001", kind: .result, name: "acme/a.csv.result.json", sha256: "ab",
            bytes: 9, checkpoint: "a note\n")
        #expect(PreparedResponse(try event(response.draft(Self.author))) == response)
        #expect(response.stagedName == "20261121-000001.result")
    }

    @Test("Every type has its row in docs/events.md")
    func told() throws {
        let rows = try SourceTree.text("docs/events.md").split(separator: "\n").compactMap {
            $0.hasPrefix("|") ? $0.split(separator: "|").first : nil
        }
        for type in EventType.allCases {
            let isTold = rows.contains { $0.contains("`\(type.rawValue)`") }
            #expect(isTold, "\(type.rawValue)")
        }
    }

    @Test("Every type of ours is under a prefix the log reserves for us")
    func reserved() {
        for type in ["file.claimed", "payout.paid", "response.published", "ledger.run-finished"] {
            #expect(EventType(rawValue: type) != nil)
            let isReserved = EventType.reservedPrefixes.contains { type.hasPrefix($0) }
            #expect(isReserved)
        }
        #expect(PayoutNote(try? event(Self.author.draft(.fileClaimed))) == nil)
    }
}

extension PayoutNote {
    fileprivate init?(_ event: Event?) {
        guard let event, let note = PayoutNote(event) else { return nil }
        self = note
    }
}
