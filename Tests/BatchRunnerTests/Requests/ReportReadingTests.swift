import OrderedJSON
import SkyPay
import Testing

@testable import BatchRunner

@Suite("Reading a report from its first page to its last")
struct ReportReadingTests {
    private static func page(_ rows: Int, total: Int? = nil, last: JSONValue? = nil) -> JSONValue {
        var object: JSONObject = [
            "result": .array((0..<rows).map { ["controlNo": .string("SKY99\($0)")] })
        ]
        object["totalTransaction"] = total.map { .number(String($0)) }
        object["lastPage"] = last
        return .object(object)
    }

    /// How many rows came, and what was said of the whole.
    private func read(_ pages: [JSONValue]) async throws -> (rows: Int, words: String) {
        let client = SkyPayClient(
            url: "http://127.0.0.1:1/services", credentials: ScriptedProvider.credentials,
            transport: ScriptedProvider { request in
                pages[min(request["pagination"]?.integerValue ?? 1, pages.count) - 1]
            })
        let query = ReportQuery.payouts(
            from: "2026-11-20", through: "2026-11-20", dateType: "CreateDate")
        var rows = 0
        let outcome = try await ReportReading(client: client, query: query).read { _ in rows += 1 }
        switch outcome {
        case .whole(let answer): return (rows, "whole: " + answer.description)
        case .stopped(.unknown(let reason)): return (rows, "unknown: " + reason)
        case .stopped(let other): return (rows, "\(other)")
        }
    }

    @Test("It is whole with its last page, or with an empty one once all that is stated has come")
    func whole() async throws {
        let named = try await read([
            Self.page(2, total: 3, last: 2), Self.page(1, total: 3, last: 2),
        ])
        #expect(named.words == "whole: 3 rows on 2 pages")
        let ended = try await read([Self.page(2, total: 2), Self.page(0, total: 2)])
        #expect(ended.words == "whole: 2 rows on 2 pages")
        #expect(try await read([Self.page(0)]).words == "whole: 0 rows on 1 pages")
        #expect(try await read([Self.page(0, total: 0, last: 1)]).words.hasPrefix("whole"))
    }

    @Test("It is not whole when a page comes empty while more rows are stated, by any page of it")
    func emptied() async throws {
        let first = try await read([Self.page(0, total: 450, last: 1)])
        #expect(first.words == "unknown: page 1 came empty after 0 of 450 rows")
        let second = try await read([Self.page(2, total: 3), Self.page(0)])
        #expect(second.rows == 2)
        #expect(second.words == "unknown: page 2 came empty after 2 of 3 rows")
        let other = try await read([Self.page(2, total: 3), Self.page(0, total: 0, last: true)])
        #expect(other.words == "unknown: page 2 came empty after 2 of 3 rows")
        let named = try await read([Self.page(2, last: 3), Self.page(0, last: 3)])
        #expect(named.words == "unknown: page 2 of 3 came empty")
    }
}
