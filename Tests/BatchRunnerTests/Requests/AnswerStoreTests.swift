import DurableFiles
import OrderedJSON
import Testing

@testable import BatchRunner

@Suite("Kept answers")
struct AnswerStoreTests {
    private let temporary: TemporarySite
    private var folder: String { temporary.site.answers }

    init() throws { temporary = try TemporarySite() }

    @Test("What is kept is read back, in any order, by a later process too")
    func roundTrip() async throws {
        let answers: [JSONObject] = [["status": "1", "é": "x\ny"], [:], ["n": 15]]
        let first = try await AnswerStore(folder: folder).keep(answers, of: "20261121-000001")
        let second = try await AnswerStore(folder: folder).keep(
            [["later": true]], of: "20261121-000001")
        let reader = AnswerReader(folder: folder)
        for (stored, answer) in zip(first, answers).reversed() {
            #expect(try reader.object(stored) == answer)
        }
        let later = try #require(second.first)
        #expect(try reader.object(later) == ["later": true])
        #expect(StoredAnswer(first[0].json) == first[0])
    }

    @Test("A list of any length is streamed in order; a later attempt takes its place")
    func lists() throws {
        let store = AnswerStore(folder: folder)
        let row = RowKey(fileID: "20261121-000002", row: 7)
        let abandoned = try store.list(of: row)
        try abandoned.add(["half": true])
        let list = try store.list(of: row)
        let filler = String(repeating: "x", count: 1_000)
        for number in 0..<1_000 {
            try list.add(["n": .number(String(number)), "filler": .string(filler)])
        }
        let stored = try list.finish()
        #expect(stored.entries == 1_000)
        var next = 0
        try AnswerReader(folder: folder).forEach(stored) { entry in
            #expect(entry["n"]?.integerValue == next)
            next += 1
        }
        #expect(next == 1_000)
        let empty = try store.list(of: RowKey(fileID: "20261121-000002", row: 8)).finish()
        try AnswerReader(folder: folder).forEach(empty) { _ in Issue.record("an entry") }
    }

    @Test("Altered, cut or missing bytes stop everything")
    func altered() async throws {
        let kept = try await AnswerStore(folder: folder).keep(
            [["status": "1"]], of: "20261121-000003")
        let stored = try #require(kept.first)
        let reader = AnswerReader(folder: folder)
        let path = folder + "/" + stored.name
        try DurableFiles.replace(path, Array("{\"status\":\"4\"}\n".utf8))
        #expect(throws: InvariantViolation.self) { try reader.object(stored) }
        try DurableFiles.replace(path, Array("{\"sta".utf8))
        #expect(throws: InvariantViolation.self) { try reader.object(stored) }
        try DurableFiles.remove(path)
        #expect(throws: FileError.self) { try reader.object(stored) }
    }
}
