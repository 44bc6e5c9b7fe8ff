import Foundation
import OrderedJSON
import Testing

/// financeNotification, from files.
@Suite(.fewAtATime)
struct NotificationTests {
    private func notification(account: String = "SKY99") throws -> JSONObject {
        let sample = try Data(
            contentsOf: URL(filePath: Repository.sample("finance-notification.json")))
        var object = try #require(try JSONValue(parsing: Array(sample)).objectValue)
        object["accountNo"] = .string(account)
        return object
    }

    /// The same notification as another of SkyPay's pages would write it.
    private func otherwise(_ object: JSONObject) -> String {
        let members = object.members.map { member -> (String, JSONValue) in
            let name = member.name.prefix(1).uppercased() + member.name.dropFirst()
            return (name, member.name == "statementType" ? 1 : member.value)
        }
        return JSONValue.object(JSONObject(members.reversed())).text()
    }

    @Test("Always answered 1000, plain and encrypted, and recorded once for each account")
    func recordedOnce() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let first = try notification()
            let plain = try scratch.write("other.json", otherwise(first))
            let sealed = try await scratch.run(Binaries.sandbox, ["seal"], input: plain)
            #expect(sealed.code == 0, "\(sealed.errors)")
            let drops = [
                ("plain.json", JSONValue.object(first).text()),
                ("again.txt", sealed.output),
                ("other-account.json", JSONValue.object(try notification(account: "SKY98")).text()),
            ]
            for (name, text) in drops {
                try site.drop(name, text)
                let run = try await site.run()
                #expect(run.code == 0, "\(name): \(run.output)\(run.errors)")
                #expect(try site.response(name + ".response.json")["responseCode"] == "1000")
            }
            #expect(site.exists("outbox/again.txt.response.txt"))
            let received = try await site.events().filter { $0["type"] == "callback.received" }
                .compactMap { $0["data"] }
            #expect(received.map { $0["replay"] } == [false, true, false])
            #expect(received.allSatisfy { $0["verified"] == true })
            #expect(try sandbox.ledger().isEmpty, "a notification moves nothing")
        }
    }
}
