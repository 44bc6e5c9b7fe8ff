import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

/// A batch of every action, in every form a file can have.
@Suite("Every action in every form")
struct ActionFormTests {
    static let actions = ActionTable.batchActions.map(\.name)

    /// The template of an action, as somebody fills it in.
    static func typed(_ action: String) throws -> Dropped {
        let table = try #require(ActionTable.of(action))
        let text = table.template(mode: "test").replacing("batch=,", with: "batch=B-1,")
        return Dropped("batch.csv", text)
    }

    /// The same rows as a JSON batch whose action comes after its items.
    static func json(
        _ action: String, actionLast: Bool, firstWithout omitted: String = ""
    ) throws -> Dropped {
        let table = try #require(ActionTable.of(action))
        var rows = try typed(action).read().rows
        let total = rows.compactMap(\.amount).reduce(Amount.zero, +)
        rows[0].fields[omitted] = nil
        var batch: JSONObject = ["batch": "B-1", "mode": "test"]
        if !actionLast { batch["action"] = .string(action) }
        batch["items"] = .array(rows.map { .object($0.fields) })
        batch["count"] = .number(String(rows.count))
        if table.hasAmount { batch["amount"] = .string(total.text) }
        if actionLast { batch["action"] = .string(action) }
        return Dropped("batch.json", JSONValue.object(batch).text())
    }

    static func lines(_ action: String) throws -> Dropped {
        let table = try #require(ActionTable.of(action))
        let rows = try typed(action).read().rows
        let total = rows.compactMap(\.amount).reduce(Amount.zero, +)
        var side: JSONObject = [
            "batch": "B-1", "action": .string(action), "mode": "test",
            "count": .number(String(rows.count)),
        ]
        if table.hasAmount { side["amount"] = .string(total.text) }
        let text = rows.map { JSONValue.object($0.fields).text() + "\n" }.joined()
        return Dropped("batch.jsonl", text, side: JSONValue.object(side).text())
    }

    @Test("Its filled-in template is a batch whose rows nothing is wrong with", arguments: actions)
    func template(_ action: String) throws {
        let outcome = try Self.typed(action).read()
        let summary = try #require(outcome.summary, "\(outcome.reading)")
        #expect(summary.header.action == action && outcome.rows.count == summary.header.count)
        for row in outcome.rows {
            let faults = RowValidation.validate(
                row, action: action, controlNumberPrefix: "SKY99")
            #expect(faults == [])
        }
    }

    @Test("As JSON it says the same, wherever the action stands", arguments: actions)
    func json(_ action: String) throws {
        let typed = try Self.typed(action).read()
        for file in [
            try Self.json(action, actionLast: false), try Self.json(action, actionLast: true),
            try Self.lines(action),
        ] {
            let outcome = try file.read()
            #expect(outcome.summary?.header.action == action, "\(file.name) \(outcome.reading)")
            #expect(outcome.rows.map(\.fields) == typed.rows.map(\.fields))
            #expect(outcome.rows.map(\.controlNumber) == typed.rows.map(\.controlNumber))
            #expect(outcome.rows.map(\.amount) == typed.rows.map(\.amount))
        }
    }

    /// No fields, one, many, a list: the reader knows no other differences.
    @Test(
        "No strict prefix of it is taken, and each is waited for",
        arguments: ["balanceQuery", "cancelPayout", "balanceTransfer", "notificationInquiry"])
    func prefixes(_ action: String) throws {
        for file in [try Self.typed(action), try Self.json(action, actionLast: true)] {
            try Dropped.inFolder { folder in
                for length in 0..<file.bytes.count {
                    let cut = file.with(bytes: Array(file.bytes[0..<length]))
                    let outcome = try cut.read(at: folder + "/copy")
                    guard !outcome.isIncomplete else { continue }
                    Issue.record("\(length) bytes of \(file.name): \(outcome.reading)")
                    return
                }
            }
        }
    }

    @Test("Where rows have amounts, one without is refused whole, the action named first or last")
    func missingAmount() throws {
        for action in Self.actions where ActionTable.of(action)?.hasAmount == true {
            for last in [false, true] {
                let file = try Self.json(action, actionLast: last, firstWithout: "amount")
                let outcome = try file.read()
                #expect(outcome.faults.contains { $0.code == FaultCode.amount }, "\(action)")
            }
        }
    }

    @Test("A field of another action is refused, the action named first or last")
    func foreignField() throws {
        for last in [false, true] {
            let file = try Self.json("cancelPayout", actionLast: last)
            let text = file.text.replacing(
                #"{"controlNumber""#, with: #"{"phone":"09171234567","controlNumber""#)
            #expect(text != file.text)
            let outcome = try file.with(bytes: Array(text.utf8)).read()
            let rows = outcome.rows.flatMap {
                RowValidation.validate($0, action: "cancelPayout", controlNumberPrefix: nil)
            }
            #expect(rows.contains { $0.field == "phone" && $0.code == FaultCode.unknownField })
        }
    }

    @Test("Types of statements are a text with spaces, or in JSON an array")
    func statementTypes() throws {
        let file = try Self.json("notificationInquiry", actionLast: false)
        let text = file.text.replacing(#""1 2 3 4 5 6""#, with: #"["1","3"]"#)
        let row = try #require(try file.with(bytes: Array(text.utf8)).read().rows.first)
        #expect(row.faults == [])
        #expect(
            RowValidation.validate(row, action: "notificationInquiry", controlNumberPrefix: nil)
                == [])
    }
}
