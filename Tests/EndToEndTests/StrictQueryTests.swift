import Foundation
import OrderedJSON
import Testing

/// A provider that keeps to its pauses: a question that comes too soon refuses its whole call, and
/// counts as asked.
@Suite(.fewAtATime)
struct StrictQueryTests {
    private static let batch = Batch.made("strict.csv", id: "ST-1", first: 85_000_000, count: 6)

    /// One callback as SkyPay writes it, in plain: the number waits for its payee.
    private func drop(_ site: Site, _ index: Int) throws {
        let row = Self.batch.rows[index % Self.batch.rows.count]
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let time = "2026-11-21 \(two(index / 3_600)):\(two(index / 60 % 60)):\(two(index % 60))"
        let callback: JSONValue = [
            "userName": "DemoApp@skypay", "authentication": .string(Secrets.authentication),
            "action": "payoutQueuePayout", "controlNumber": .string(row.controlNumber),
            "payType": "1", "dealTime": .string(time),
        ]
        try site.drop("reported-\(index).json", callback.text())
    }

    @Test("A question times out and callbacks come thick: every row becomes final all the same")
    func thickCallbacks() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(
                scratch,
                [
                    "--query-after-seconds", "2", "--query-every-seconds", "4",
                    "--settle-seconds", "6",
                ])
            let site = try Site(
                scratch, port: sandbox.port,
                skypay: [
                    "queryAfterSeconds": "2", "queryEverySeconds": "4", "answerTimeoutSeconds": "1",
                ])
            try sandbox.fault("payoutQueryStatus:timeout-after:1")
            try site.drop(Self.batch)
            let daemon = try site.daemon()
            var callbacks = 0
            _ = try await eventually(within: 180, "every row is final") { () -> Bool? in
                // As fast as they are answered.
                if callbacks == 0
                    || site.exists("outbox/reported-\(callbacks - 1).json.response.json")
                {
                    try drop(site, callbacks)
                    callbacks += 1
                }
                return site.exists("outbox/\(Self.batch.name).final.json") ? true : nil
            }
            _ = try await eventually("the last callback is answered") {
                site.exists("outbox/reported-\(callbacks - 1).json.response.json") ? true : nil
            }
            daemon.send(SIGTERM)
            _ = try await daemon.end()
            try await Oracle(site: site, sandbox: sandbox).check([Self.batch])
            let asked = try await site.events().filter { $0["type"] == "payout.queried" }
            #expect(asked.contains { $0["data"]?["answered"] == false }, "the lost answer is told")
            #expect(callbacks > Self.batch.rows.count, "a callback about every row")
        }
    }
}
