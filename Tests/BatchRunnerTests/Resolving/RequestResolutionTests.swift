import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("Words about held orders, transfers and questions")
struct RequestResolutionTests {
    private static let cancelled = ResolutionEvidence.status(.cancelled, isCancelled: true)

    @Test(
        "A word about a cancellation is refused where SkyPay's answer says otherwise, or may yet",
        arguments: [
            (ResolutionEvidence.status(.completed, isCancelled: false), false, true),
            (.status(.failed, isCancelled: false), false, true), (cancelled, true, false),
            (.status(.uploaded, isCancelled: false), false, false), (.notFound, false, true),
            (.contradictory, false, false),
        ] as [(ResolutionEvidence, Bool, Bool)])
    func cancellation(_ evidence: ResolutionEvidence, _ done: Bool, _ failed: Bool) {
        func isTaken(_ word: ResolvedRequest) -> Bool {
            RequestResolutionRule.objection(to: word, .order, "cancelPayout", .payout(evidence))
                == nil
        }
        #expect(isTaken(.done) == done && isTaken(.failed) == failed)
    }

    @Test(
        "An amendment shows nowhere: only a payout SkyPay does not know contradicts that it is done"
    )
    func amendment() {
        func isTaken(_ word: ResolvedRequest, _ evidence: ResolutionEvidence?) -> Bool {
            RequestResolutionRule.objection(
                to: word, .order, "amendTransactionV2", evidence.map { .payout($0) }) == nil
        }
        #expect(isTaken(.done, .status(.completed, isCancelled: false)))
        #expect(isTaken(.failed, .status(.uploaded, isCancelled: false)))
        #expect(!isTaken(.done, .notFound) && isTaken(.failed, .notFound))
        #expect(!isTaken(.done, nil) && !isTaken(.failed, nil), "SkyPay is asked first")
    }

    @Test("A question is given up by a person, never called answered")
    func question() {
        for family in [ActionFamily.enquiry, .statusEnquiry, .barCode] {
            func objection(_ word: ResolvedRequest) -> String? {
                RequestResolutionRule.objection(to: word, family, "balanceQuery", nil)
            }
            #expect(objection(.failed) == nil && objection(.done) != nil)
        }
    }

    @Test("What is settled is a control number or a file's row, each with words of its own")
    func words() throws {
        let key = RowKey(fileID: "20261121-000001", row: 3)
        #expect(
            Resolution.Word("20261121-000001/3", as: "done") == .request(key, .done))
        #expect(
            Resolution.Word("SKY9900000001", as: "paid")
                == .payout(controlNumber: "SKY9900000001", .paid))
        for (what, word) in [
            ("20261121-000001/3", "paid"), ("SKY9900000001", "done"), ("a/0", "done"),
            ("a/b", "done"), ("/1", "failed"), ("a/1/2", "failed"),
        ] {
            let read = Resolution.Word(what, as: word)
            // What is no file's row can only be a control number, and that has its own words.
            if case .request = read { Issue.record("\(what) \(word)") }
        }
        let resolution = Resolution(word: .request(key, .failed), reason: "why", by: "Ana")
        #expect(Resolution(resolution.json) == resolution)
        #expect(Resolution.Word.words(for: "a/1") == ["done", "failed"])
    }
}
