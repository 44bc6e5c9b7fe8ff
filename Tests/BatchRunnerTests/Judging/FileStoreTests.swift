import DurableFiles
import OrderedJSON
import Testing

@testable import BatchRunner

@Suite("Private copies")
struct FileStoreTests {
    private let stage: LedgerStage
    private static let fileID = "20261121-000001"

    init() throws { stage = try LedgerStage() }

    /// A batch that was accepted, its private copy as gzip.
    private func gzipped(_ batch: TypedBatch) throws -> StoredFile {
        var script = EventScript()
        script.claim(Self.fileID, name: "in.csv")
        try script.accept(Self.fileID, batch: batch, on: stage)
        try stage.apply(script.events)
        var file = try #require(try stage.ledger.file(Self.fileID))
        let copy = storedGzip(Array(batch.text.utf8))
        (file.name, file.sha256) = ("in.csv.gz", SHA256Text.of(copy))
        try DurableFiles.replace(stage.temporary.site.file(Self.fileID), copy)
        return file
    }

    @Test("The rows of a gzip copy are its own, whatever text an earlier file of its id left")
    func textOfAnother() throws {
        let file = try gzipped(TypedBatch(rows: 2))
        // Beside texts of another one of the same length.
        let other = TypedBatch(rows: 2, firstNumber: 5).text
        let lost = SHA256Text.of(storedGzip(Array(other.utf8)))
        for name in ["\(Self.fileID).text", FileStore.textName(Self.fileID, sha256: lost)] {
            try stage.temporary.write("state/files/\(name)", other)
        }
        #expect(!stage.store.hasPlainText(of: file))
        let reader = try stage.store.rows(of: file, try #require(file.summary))
        let rows = try stage.ledger.rows(of: Self.fileID, after: 0, limit: 10)
        #expect(rows.count == 2)
        for row in rows {
            let read = try reader.row(at: row.location, line: row.line)
            #expect(read.fields["controlNumber"]?.stringValue == row.controlNumber)
        }
        #expect(stage.store.hasPlainText(of: file))
    }

    @Test("Whoever asks at once for the rows of a gzip copy gets them: it is inflated once")
    func together() async throws {
        let file = try gzipped(TypedBatch(rows: 3_000))
        let summary = try #require(file.summary)
        let last = try #require(
            try stage.ledger.row(RowKey(fileID: Self.fileID, row: 3_000)))
        let store = stage.store
        let numbers = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try store.rows(of: file, summary)
                        .row(at: last.location, line: last.line)
                        .fields["controlNumber"]?.stringValue
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers == Array(repeating: last.controlNumber, count: 8))
    }
}
