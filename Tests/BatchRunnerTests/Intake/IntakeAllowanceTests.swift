import OrderedJSON
import Testing

@testable import BatchRunner

@Suite("Whether a settled file may be taken now")
struct IntakeAllowanceTests {
    private static let mebibyte: Int64 = 1 << 20

    private static func allowance(
        files: Int = 3, bytes: Int64 = 100, keep: Int64 = 256
    ) -> IntakeAllowance {
        var settings = SenderSettings(actions: nil, acceptsCallbacks: false)
        settings.filesPerDay = files
        settings.bytesPerDay = bytes * mebibyte
        return IntakeAllowance(keepFreeBytes: keep * mebibyte, settings: settings)
    }

    @Test("The disk keeps its reserve: a copy and two answers must fit above it")
    func disk() {
        let allowance = Self.allowance()
        let file = 10 * Self.mebibyte
        func refusal(_ free: Int64?) -> String? {
            allowance.refusal(bytes: file, taken: SenderDay(), free: free)
        }
        #expect(refusal(286 * Self.mebibyte) == nil)
        #expect(refusal(286 * Self.mebibyte - 1)?.contains("disk space") == true)
        #expect(refusal(0)?.contains("needs 30 MiB beside the 256") == true)
        #expect(refusal(nil) == nil)
    }

    @Test("Of gzip the text counts, and its answers, once it is known how long it is")
    func gzip() {
        let allowance = Self.allowance()
        func refusal(_ free: Int64) -> String? {
            allowance.refusal(
                bytes: Self.mebibyte, inflated: 100 * Self.mebibyte, taken: SenderDay(),
                free: free * Self.mebibyte)
        }
        #expect(refusal(256 + 301) == nil)
        #expect(refusal(256 + 300)?.contains("needs 301 MiB beside the 256") == true)
    }

    @Test("A reason stays the same while the disk fills and others are taken")
    func steady() {
        let allowance = Self.allowance(files: 9)
        let reasons = (Int64(0)..<4).map { number -> [String?] in
            let mebibytes = number * Self.mebibyte
            let taken = SenderDay(files: 1, bytes: 97 * Self.mebibyte + mebibytes)
            return [
                allowance.refusal(bytes: Self.mebibyte, taken: SenderDay(), free: mebibytes),
                allowance.refusal(bytes: 9 * Self.mebibyte, taken: taken, free: nil),
            ]
        }
        #expect(Set(reasons).count == 1)
        #expect(reasons[0].allSatisfy { $0 != nil })
    }

    @Test(
        "A sender has its files and bytes a day, and one file in any case",
        arguments: [
            (0, 0, 10, nil), (2, 50, 50, nil), (2, 50, 51, "bytesPerDay"), (3, 1, 1, "filesPerDay"),
            (0, 0, 500, nil), (1, 500, 1, "bytesPerDay"),
        ] as [(Int, Int64, Int64, String?)])
    func quota(_ files: Int, _ bytes: Int64, _ next: Int64, _ word: String?) {
        let taken = SenderDay(files: files, bytes: bytes * Self.mebibyte)
        let refusal = Self.allowance().refusal(
            bytes: next * Self.mebibyte, taken: taken, free: .max)
        #expect((refusal == nil) == (word == nil))
        if let word { #expect(refusal?.contains(word) == true) }
    }

    @Test(
        "What the ledger knows of today counts, and a new banking day begins at midnight in Manila")
    func days() throws {
        let stage = try LedgerStage()
        var script = EventScript()
        script.claim("20261121-000001", name: "a.csv")
        script.claim("20261121-000002", name: "b.csv")
        // A callback that SkyPay posted is no sender's.
        script.claim(
            "20261121-000003", name: "posted",
            identity: ["via": "http", "from": "203.0.113.7"])
        try stage.apply(script.events)
        let noon = try #require(
            EventTime.unixSeconds("2026-11-21T12:00:00.000000+08:00"))
        var days = SenderDays()
        let known = try days.today("", at: noon, stage.ledger)
        #expect(known.files == 2)
        #expect(known.bytes > 0)
        days.count("", bytes: 5)
        #expect(
            try days.today("", at: noon, stage.ledger)
                == SenderDay(files: 3, bytes: known.bytes + 5))
        #expect(try days.today("acme", at: noon, stage.ledger) == SenderDay())
        let midnight = noon + 12 * 3_600
        #expect(try days.today("", at: midnight - 1, stage.ledger).files == 3)
        #expect(try days.today("", at: midnight, stage.ledger) == SenderDay())
    }
}
