import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

// Orders and transfers on the stage.
extension SendingStage {
    /// Takes a file with one cancellation.
    func takeCancellation(of number: String, as file: String = SendingStage.file) async throws {
        try await take(
            """
            H,batch=\(file),action=cancelPayout,mode=test
            C,controlNumber
            D,\(number)
            T,count=1

            """, batch: file, as: file)
    }

    /// Takes a file with one amendment.
    func takeAmendment(of number: String, as file: String = SendingStage.file) async throws {
        let item: JSONObject = [
            "controlNumber": .string(number), "name": "Bago,Uno", "birthday": "1990-01-31",
            "identificationId": "ID-7", "identificationTypeId": "1",
            "phone": "09171234567", "idcardPicType": "jpg",
            "idcardPicUrl": "https://example.test/1.jpg", "location": "Manila",
            "withdrawChannel": "1",
        ]
        let columns = item.members.map(\.name).joined(separator: ",")
        let values = item.members.map { "\"\($0.value.stringValue ?? "")\"" }
            .joined(separator: ",")
        try await take(
            """
            H,batch=\(file),action=amendTransactionV2,mode=test
            C,\(columns)
            D,\(values)
            T,count=1

            """, batch: file, as: file)
    }

    /// Takes a file with one transfer from SKY99 to SKY98.
    func takeTransfer(of amount: String, as file: String = SendingStage.file) async throws {
        try await take(
            """
            H,batch=\(file),action=balanceTransfer,mode=test
            C,transferFrom,transferTo,amount
            D,SKY99,SKY98,\(amount)
            T,count=1,amount=\(amount)

            """, batch: file, as: file)
    }

    /// Takes a file that asks for a report.
    func takeReport(as file: String = SendingStage.file) async throws {
        try await take(
            """
            H,batch=\(file),action=getReportPayout,mode=test
            C,startDate,endDate,dateType
            D,2026-11-01,2026-11-20,CreateDate
            T,count=1

            """, batch: file, as: file)
    }

    /// Sends what is no payout, one after the other.
    func requestDispatcher(_ client: SkyPayClient) -> RequestDispatcher {
        RequestDispatcher(
            journal: journal, client: client, requests: source,
            answers: AnswerStore(folder: ledgerStage.temporary.site.answers), policy: policy,
            workers: SendingStage.oneByOne, clock: clock)
    }

    /// Records facts about what is no payout, one after the other.
    func recordRequest(
        _ key: RowKey, _ facts: RequestFact..., code: String? = nil, isSealed: Bool = false
    ) async throws {
        let stored = try #require(try ledger.request(key))
        try await journal.record(
            facts.map { fact in
                var note = stored.note(fact, batch: "B-1", code: code)
                note.wasDecrypted = isSealed
                return note.draft(LedgerStage.author)
            })
    }

    /// The first row of a file that is no payout.
    func request(of file: String = SendingStage.file) throws -> StoredRequest {
        try #require(try ledger.request(RowKey(fileID: file, row: 1)))
    }
}
