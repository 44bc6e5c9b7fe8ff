import Foundation
import OrderedJSON
import Testing

@Suite("report and stats")
struct ReportTests {
    @Test("A day is one page under the name of its day, and the same figures as JSON")
    func day() async throws {
        let site = try await OldSite.made()
        try await apart {
            let key = ["--key", try site.rootKey()]
            let page = site.path("day.html")
            let made = try site.keyed(
                "report", ["--day", OldSite.days[1], "--output", page] + key)
            #expect(made.code == 0 && made.output.isEmpty, "\(made)")
            #expect(made.errors.hasPrefix("\(page): verified"), "\(made)")
            let html = try String(decoding: Scratch.bytes(page), as: UTF8.self)
            #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
            #expect(html.contains(OldSite.days[1]) && !html.contains("<script"))
            #expect(!html.contains(OldSite.account))
            let printed = try site.run("report", ["--day", OldSite.days[1], "--json"] + key)
            let json = try JSONValue(parsing: printed.output)
            #expect(printed.code == 0 && json["verdict"] == "verified", "\(printed)")
            #expect(json["transactions"]?["count"]?.integerValue == OldSite.eventsADay)
            #expect(json["transactions"]?["amount"] == "4010.00")
            let there = try site.events().count {
                $0["time"]?.stringValue?.hasPrefix(OldSite.days[1]) == true
            }
            #expect(json["events"]?.integerValue == there)
        }
    }

    @Test("A month sums its days; a day without events has none, and is no error")
    func monthAndEmptyDay() async throws {
        let site = try await OldSite.made()
        try await apart {
            let month = try site.run("report", ["--month", OldSite.month, "--json"])
            let json = try JSONValue(parsing: month.output)
            #expect(month.code == 0, "\(month)")
            #expect(
                json["transactions"]?["count"]?.integerValue
                    == OldSite.eventsADay * OldSite.days.count)
            let empty = try site.run("report", ["--day", "2020-01-20", "--json"])
            #expect(empty.code == 0, "\(empty)")
            #expect(try JSONValue(parsing: empty.output)["events"]?.integerValue == 0)
            let page = try site.run("report", ["--day", "2020-01-20", "--output", "-"])
            #expect(page.code == 0 && page.text.hasPrefix("<!DOCTYPE html>"), "\(page)")
            for wrong in [
                ["--day", "2020-01-32"], ["--month", "2020"], [],
                ["--day", "2020-01-10", "--month", "2020-01"],
            ] {
                #expect(try site.run("report", wrong).code == 64, "\(wrong)")
            }
        }
    }

    @Test("Of an altered log there is a page that says so, exit 2")
    func altered() async throws {
        let site = try await OldSite.made()
        try await apart {
            try site.damage(try #require(site.segments().first))
            let page = site.path("day.html")
            let made = try site.run("report", ["--day", OldSite.days[0], "--output", page])
            #expect(made.code == 2 && made.errors.contains("altered"), "\(made)")
            let html = try String(decoding: Scratch.bytes(page), as: UTF8.self)
            #expect(html.hasPrefix("<!DOCTYPE html>") && html.lowercased().contains("altered"))
            let json = try site.run("report", ["--day", OldSite.days[0], "--json"])
            #expect(json.code == 2)
            #expect(try JSONValue(parsing: json.output)["verdict"] == "altered")
        }
    }

    @Test("stats counts what is there: segments, events, days and types")
    func stats() async throws {
        let site = try await OldSite.made()
        try await apart {
            let events = try site.events()
            let quick = try JSONValue(parsing: try site.run("stats", ["--json"]).output)
            #expect(quick["events"]?.integerValue == events.count)
            #expect(quick["segments"]?.integerValue == OldSite.days.count)
            #expect(quick["sealed"]?.integerValue == OldSite.days.count - 1)
            #expect(quick["epochs"]?.integerValue == OldSite.days.count)
            #expect(quick["checkpointSize"]?.integerValue == events.count)
            let full = try site.run("stats", ["--full", "--json"])
            let json = try JSONValue(parsing: full.output)
            #expect(json["rawBytes"]?.integerValue == (try site.zcat().output.count))
            let words = try site.run("stats", ["--full"])
            #expect(words.code == 0 && words.text.contains("payout.paid"), "\(words)")
            let paid = OldSite.eventsADay * OldSite.days.count
            #expect(json["types"]?["payout.paid"]?.integerValue == paid)
            #expect(json["days"]?.objectValue?.members.map(\.name) == OldSite.days)
        }
    }
}
