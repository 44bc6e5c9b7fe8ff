import OrderedJSON
import Testing

@testable import BatchRunner

@Suite("What makes an answer an answer")
struct AnswerShapeTests {
    @Test(
        "An answer without what was asked for says nothing",
        arguments: [
            ("balanceQuery", #"{"balance":12.5}"#, true),
            ("balanceQuery", #"{"BALANCE":"12.50"}"#, true),
            ("balanceQuery", #"{"balance":""}"#, false), ("balanceQuery", "{}", false),
            ("generate711Barcode", #"{"referenceNumber":"9919-2940-0349"}"#, true),
            ("generate711Barcode", #"{"referenceNumber":null}"#, false),
            ("notificationInquiry", #"{"notifications":[]}"#, true),
            ("notificationInquiry", #"{"Notifications":null}"#, true),
            ("notificationInquiry", #"{"notifications":""}"#, true),
            ("notificationInquiry", #"{"notifications":[{},1]}"#, false),
            ("notificationInquiry", "{}", false), ("getCatalog", #"{"result":[{"a":1}]}"#, true),
            ("getCatalog", #"{"result":"none"}"#, false),
        ])
    func faults(_ action: String, _ answer: String, _ isWhole: Bool) throws {
        let shape = try #require(AnswerShape.of(action))
        let fields = try #require(try JSONValue(parsing: Array(answer.utf8)).objectValue)
        #expect((shape.fault(in: fields) == nil) == isWhole)
    }

    @Test("Orders and transfers have no answer but a code")
    func none() {
        for action in ["cancelPayout", "amendTransactionV2", "balanceTransfer", "payoutQueue"] {
            #expect(AnswerShape.of(action) == nil)
        }
    }

    @Test("What every answer carries is told in columns of its own")
    func base() throws {
        let shape = try #require(AnswerShape.of("balanceQuery"))
        let told = shape.object([
            "responseTime": "t", "ResponseCode": "1000", "responseDescription": "Success",
            "balance": 1, "new": "kept",
        ])
        #expect(told == ["balance": 1, "new": "kept"])
    }
}
