import Foundation
import OrderedJSON

/// A batch of any action, as a system that only knows JSON or CSV writes it.
enum ActionBatch {
    /// As JSON; `amount` is the total where rows have amounts.
    static func json(
        _ id: String, _ action: String, _ items: [JSONObject], amount: String? = nil
    ) -> String {
        var batch: JSONObject = [
            "batch": .string(id), "action": .string(action), "mode": "test",
            "count": .number(String(items.count)),
        ]
        batch["amount"] = amount.map { .string($0) }
        batch["items"] = .array(items.map { .object($0) })
        return JSONValue.object(batch).text() + "\n"
    }

    /// As typed CSV; cells must need no quoting.
    static func csv(
        _ id: String, _ action: String, _ columns: [String], _ rows: [[String]],
        amount: String? = nil
    ) -> String {
        var lines = ["H,batch=\(id),action=\(action),mode=test"]
        lines.append((["C"] + columns).joined(separator: ","))
        lines += rows.map { (["D"] + $0).joined(separator: ",") }
        lines.append("T,count=\(rows.count)" + (amount.map { ",amount=" + $0 } ?? ""))
        return lines.joined(separator: "\n") + "\n"
    }

    /// A row of payoutQueueV2: a pick-up at a store.
    static func pickUp(
        _ controlNumber: String, amount: String = "150.00", channel: String = "1"
    ) -> JSONObject {
        var row = particulars(controlNumber, channel: channel)
        row["amount"] = .string(amount)
        return row
    }

    /// A row of amendTransactionV2: everything but the amount.
    static func particulars(
        _ controlNumber: String, name: String = "Subok,Uno,Test", channel: String = "1"
    ) -> JSONObject {
        [
            "controlNumber": .string(controlNumber), "name": .string(name),
            "birthday": "1990-01-31", "identificationId": "ID-7", "identificationTypeId": "1",
            "phone": "09171234567", "idcardPicType": "jpg",
            "idcardPicUrl": "https://example.test/1.jpg", "location": "Manila",
            "withdrawChannel": .string(channel),
        ]
    }
}

extension Site {
    /// Runs until a response is there; the runs' exit codes.
    @discardableResult
    func runUntil(_ response: String, within seconds: Int = 90) async throws -> [Int32?] {
        var codes: [Int32?] = []
        _ = try await eventually(within: seconds, response) { () -> Bool? in
            codes.append(try await run().code)
            return exists("outbox/" + response) ? true : nil
        }
        return codes
    }

    /// The rows of a result or final.
    func rows(_ response: String) throws -> [JSONValue] {
        try self.response(response)["rows"]?.arrayValue ?? []
    }

    /// The outcomes of a result or final, in the order of the rows.
    func outcomes(_ response: String) throws -> [String] {
        try rows(response).map { $0["outcome"]?.stringValue ?? "" }
    }

    /// Drops one file and runs once.
    func runWith(_ name: String, _ text: String) async throws -> Ended {
        try drop(name, text)
        return try await run()
    }
}
