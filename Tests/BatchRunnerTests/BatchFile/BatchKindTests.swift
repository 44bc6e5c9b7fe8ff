import Foundation
import Testing

@testable import BatchRunner

@Suite struct BatchKindTests {
    static let cases: [(name: String, text: String, kind: BatchKind)] = [
        ("a.json", "{\"action\":\"payoutQueuePayout\"}", .callback(isEncrypted: false)),
        (
            "a.txt", " \n{\"x\":{\"action\":1},\"Action\":\"FinanceNotification\"}",
            .callback(isEncrypted: false)
        ),
        ("a.json", "{\"action\":\"payoutQueue\"}", .batch(.json)),
        ("a.json", "{\"items\":[{\"action\":\"payoutQueuePayout\"", .batch(.json)),
        ("a.json", "{", .batch(.json)),
        ("a.jsonl", "{\"amount\":\"1.00\"}\n", .batch(.jsonLines)),
        ("a.ndjson.gz", "", .batch(.jsonLines)),
        ("a.csv", "H,batch=B", .batch(.typedCSV)),
        ("a.dat", "\u{FEFF}H,batch=B", .batch(.typedCSV)),
        ("a.csv", "H", .batch(.typedCSV)),
        ("a.CSV", "controlNumber,name", .batch(.plainCSV)),
        ("a.csv", "Hello", .batch(.plainCSV)),
        ("a.txt", "269CBSKGL8PJTS74\nJZ07cw==\n", .callback(isEncrypted: true)),
        ("csv", "269CBSKGL8PJTS74", .callback(isEncrypted: true)),
    ]

    @Test("A file's kind is told from its name and first bytes", arguments: cases)
    func kinds(_ file: (name: String, text: String, kind: BatchKind)) {
        #expect(BatchKind.sniff(name: file.name, head: Array(file.text.utf8)) == file.kind)
    }

    @Test("What is none of these is unknown, with a reason")
    func unknown() {
        for text in ["", "%PDF-1.4", "name;amount"] {
            guard case .unknown(let reason) = BatchKind.sniff(name: "a.txt", head: Array(text.utf8))
            else {
                Issue.record("\(text) is taken for something")
                continue
            }
            #expect(!reason.isEmpty)
        }
    }

    @Test("The kind of a private copy is told through gzip, and through damage")
    func copies() throws {
        try Dropped.inFolder { folder in
            let url = URL(filePath: folder).appending(path: "copy")
            let text = Array("{\"action\":\"payoutQueuePayout\"}".utf8)
            try Data(storedGzip(text)).write(to: url)
            let kind = try BatchKind.sniff(path: url.path(), name: "a.json.gz")
            #expect(kind == .callback(isEncrypted: false))
            try Data("H,batch=B\n".utf8 + [0xFF]).write(to: url)
            #expect(try BatchKind.sniff(path: url.path(), name: "a.csv") == .batch(.typedCSV))
        }
    }

    @Test(
        "The samples are what they say they are",
        arguments: [
            ("payouts-mixed.csv", BatchKind.batch(.typedCSV)),
            ("payouts.json", .batch(.json)),
            ("payouts-plain.csv", .batch(.plainCSV)),
            ("rejected-whole.csv", .batch(.typedCSV)),
            ("finance-notification.json", .callback(isEncrypted: false)),
            ("payout-callback.json", .callback(isEncrypted: false)),
            ("payout-callback.txt", .callback(isEncrypted: true)),
        ])
    func samples(name: String, kind: BatchKind) throws {
        #expect(BatchKind.sniff(name: name, head: try Dropped(sample: name).bytes) == kind)
    }
}
