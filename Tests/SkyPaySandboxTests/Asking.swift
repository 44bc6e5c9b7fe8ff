import Foundation
import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

/// Requests written by hand, as any partner could: nothing of the runner's client.
extension Counterparts {
    /// Posts an action of the demo's partner.
    func post(_ action: String, _ fields: JSONObject) async -> TransportOutcome {
        let demo = SandboxSettings.demoCredentials
        var request: JSONObject = [
            "userName": .string(demo.userName), "action": .string(action),
            "authentication": .string(demo.authentication),
        ]
        request.members += fields.members
        return await transport.post(
            Envelope(passwordKey: demo.passwordKey).seal(JSONValue.object(request).bytes()),
            to: "http://127.0.0.1:\(port)/services/demo", connectTimeoutSeconds: 300,
            answerTimeoutSeconds: 300)
    }

    /// The decrypted answer to an action of the demo's partner.
    func ask(_ action: String, _ fields: JSONObject = [:]) async -> JSONValue {
        let outcome = await post(action, fields)
        guard case .response(200, let body) = outcome else {
            Issue.record("no answer to \(action): \(outcome)")
            return .null
        }
        let envelope = Envelope(passwordKey: SandboxSettings.demoCredentials.passwordKey)
        do {
            return try JSONValue(parsing: try envelope.open(body))
        } catch {
            Issue.record("the answer to \(action) cannot be read: \(error)")
            return .null
        }
    }

    /// Only the code of the answer; "" for a report.
    func code(_ action: String, _ fields: JSONObject = [:]) async -> String {
        await ask(action, fields)["responseCode"]?.stringValue ?? ""
    }

    /// `payoutQueryStatus` of one number: its row, or null.
    func status(_ controlNumber: String) async -> JSONValue {
        let answer = await ask(
            "payoutQueryStatus",
            ["controlNumbers": [["controlNumber": .string(controlNumber)]]])
        #expect(answer["responseCode"] == "1000")
        return answer["result"]?.arrayValue?.first ?? .null
    }

    /// `status cancelTime?` of one number, in short.
    func short(_ controlNumber: String) async -> String {
        let row = await status(controlNumber)
        let isCancelled = row["cancelTime"]?.stringValue.map { !$0.isEmpty } ?? false
        return (row["status"]?.stringValue ?? "none") + (isCancelled ? " cancelled" : "")
    }

    /// An admin call as the tool makes it. It blocks its thread, and the sandbox in this process
    /// needs those that tests run on: so it gets one of its own.
    func admin(_ method: String, _ path: String, _ body: String = "") async throws -> String {
        let port = port
        let result = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    returning: Result { try AdminCall.send(method, path, port: port, body: body) })
            }
        }
        return try result.get()
    }

    var balance: String {
        get async { await server.ledger()["balance"]?.stringValue ?? "" }
    }
}

/// A payout for pick-up that nothing is wrong with.
func storePayout(
    _ controlNumber: String = "SKY9912345678", channel: String = "1", name: String = "Reyes,Ana",
    location: String = "Maynila"
) -> JSONObject {
    [
        "sender": "Acme", "controlNumber": .string(controlNumber), "name": .string(name),
        "birthday": "1990-02-28", "identificationId": "A-1", "identificationTypeId": "2",
        "phone": "09171234567", "amount": "1500.00", "idcardPicType": "front",
        "idcardPicUrl": "https://example.test/a", "location": .string(location),
        "withdrawChannel": .string(channel),
    ]
}

/// An amendment of it.
func amendment(
    _ controlNumber: String = "SKY9912345678", channel: String = "1", name: String = "Reyes,Ana",
    location: String = "Maynila"
) -> JSONObject {
    var fields = storePayout(controlNumber, channel: channel, name: name, location: location)
    fields["amount"] = nil
    return fields
}
