import Foundation
import OrderedJSON
import Testing

/// Input that nobody can decrypt is kept as bytes and as a file's fate; it changes nothing else.
@Suite(.fewAtATime)
struct UndecryptableTests {
    private static let callback = #"""
        {"userName":"DemoApp@skypay","action":"payoutQueuePayout",
        "authentication":"E1234567-123C-1234-123F-A12345670","controlNumber":"SKY9910000000",
        "payType":"2","dealTime":"2026-11-21 12:00:00"}
        """#

    /// The callback sealed under a key, with the sandbox's tool.
    private func sealed(_ scratch: Scratch, _ key: String) async throws -> String {
        let plain = try scratch.write("plain-\(key)", Self.callback)
        return try await scratch.run(
            Binaries.sandbox, ["seal", "--password-key", key], input: plain
        ).output
    }

    @Test(
        "Other keys, altered, doubled and cut texts, and noise: no payout, callback or ledger event"
    )
    func unchanged() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 2)
            try site.drop(batch)
            try await site.runUntilFinal([batch])
            let before = try await site.events().count
            let good = try await sealed(scratch, Secrets.passwordKey)
            let bytes = Array(good.utf8)
            var texts = [try await sealed(scratch, "ANOTHERKEY000001")]
            // Cut inside and between blocks, its last block lost, a block twice, letters changed.
            texts += [1, 21, 43, 64, bytes.count - 4, bytes.count - 1].map {
                String(decoding: bytes[..<$0], as: UTF8.self)
            }
            texts.append(String(decoding: bytes.map { $0 ^ 0x01 }, as: UTF8.self))
            texts.append(String(good.reversed()))
            texts.append(good.lowercased())
            for length in [16, 32, 48, 160] {
                let noise = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
                texts.append(Data(noise).base64EncodedString())
            }
            for (number, text) in texts.enumerated() {
                try site.drop("noise-\(number).txt", text)
            }
            let run = try await site.run()
            #expect(run.code == 30, "\(run)")
            let later = try await site.events().dropFirst(before)
            let types = Set(later.compactMap { $0["type"]?.stringValue })
            // What a file's fate and the run itself are recorded as; nothing of payouts.
            let harmless: Set = [
                "file.claimed", "file.judging", "file.quarantined", "response.prepared",
                "response.published", "ledger.run-finished",
            ]
            let others = types.subtracting(harmless).filter { !$0.hasPrefix("auditlog.") }
            #expect(others.isEmpty, "\(others)")
            #expect(types.contains("file.claimed"))
            try Oracle(site: site, sandbox: sandbox).money([batch])
            // The right text is taken all the same, among all that.
            try site.drop("good.txt", good)
            _ = try await site.run()
            #expect(try site.response("good.txt.response.json")["responseCode"] == "1000")
        }
    }
}
