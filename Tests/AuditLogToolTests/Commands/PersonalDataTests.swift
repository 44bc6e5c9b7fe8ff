import Foundation
import OrderedJSON
import Testing

@Suite("shred, reveal and search --account")
struct PersonalDataTests {
    /// The number of the first event with an account.
    private static func first(_ site: Site) throws -> String {
        let event = try site.events().first { $0["type"]?.stringValue == "payout.paid" }
        return String(try #require(event?["seq"]?.integerValue))
    }

    @Test("A number is found by its full value with the keys, never repeated, and not without them")
    func account() async throws {
        let site = try await OldSite.made()
        try await apart {
            let count = OldSite.eventsADay * OldSite.days.count
            for input in [OldSite.account, "0917 123 4567\n"] {
                let found = try site.keyed("search", ["--account", "-"], input: input)
                #expect(found.code == 0 && found.lines.count == count, "\(found.errors)")
                #expect(!(found.text + found.errors).contains(OldSite.account))
            }
            let other = try site.keyed("search", ["--account", "-"], input: "09171234568\n")
            #expect(other.code == 1 && other.output.isEmpty, "\(other)")
            let nothing = try site.keyed("search", ["--account", "-"])
            #expect(nothing.code == 64, "\(nothing)")
            let keyless = try site.run(
                "search", ["--account", "-", "--keys", site.path("nowhere")],
                input: OldSite.account)
            #expect(keyless.code == 1 && keyless.output.isEmpty, "\(keyless)")
            #expect(!keyless.errors.contains(OldSite.account), "\(keyless)")
        }
    }

    @Test("Sealed values are revealed with their key; a shredded month never again")
    func shredding() async throws {
        let site = try await OldSite.made()
        try await apart {
            let event = try Self.first(site)
            let kept = try site.keepCheckpoint()
            let revealed = try site.keyed("reveal", [event, "--json"])
            #expect(revealed.code == 0, "\(revealed)")
            #expect(try JSONValue(parsing: revealed.output)["value"] == .string(OldSite.account))
            let unsure = try site.keyed("shred", ["--month", OldSite.month])
            #expect(unsure.code == 64 && unsure.errors.contains("--yes"), "\(unsure)")
            let shredded = try site.keyed("shred", ["--month", OldSite.month, "--yes"])
            #expect(shredded.code == 0 && shredded.text.contains(OldSite.month), "\(shredded)")
            let after = try site.keyed("reveal", [event])
            #expect(after.code == 1 && after.text.contains("was destroyed on"), "\(after)")
            #expect(!after.text.contains(OldSite.account) && after.text.contains("4567"))
            let again = try site.keyed("shred", ["--month", OldSite.month, "--yes"])
            #expect(again.code == 1, "\(again)")
            let found = try site.keyed("search", ["--account", "-"], input: OldSite.account)
            #expect(found.code == 0)
            try site.expectIntact(since: kept)
        }
    }

    @Test("An event without sealed values, and one that is not there, are told, exit 1")
    func nothingSealed() async throws {
        let site = try await OldSite.made()
        try await apart {
            let plain = try site.keyed("reveal", ["0"])
            #expect(plain.code == 1 && plain.errors.contains("nothing is sealed"), "\(plain)")
            let missing = try site.keyed("reveal", ["100000"])
            #expect(missing.code == 1 && missing.errors.contains("no event"), "\(missing)")
        }
    }

    @Test("Every reading command arrives in the log as auditlog.accessed, without the number")
    func accessed() async throws {
        let site = try await OldSite.made()
        try await apart {
            let event = try Self.first(site)
            let commands: [(String, [String])] = [
                ("verify", []), ("show", [event]), ("search", ["--account", OldSite.account]),
                ("tail", ["-n", "1"]), ("prove", [event]), ("reveal", [event]), ("stats", []),
                ("report", ["--day", OldSite.days[0], "--json"]),
                ("export", ["--format", "csv", "--output", site.path("t.csv")]),
            ]
            for (command, arguments) in commands {
                #expect(try site.keyed(command, arguments).code == 0, "\(command)")
            }
            let secret = try site.keyed("show", [event, "--unrecorded"])
            #expect(secret.code == 0 && secret.errors.contains("not recorded"), "\(secret)")
            let waiting = site.scratch.folder + "/state/accessed"
            let spooled = try FileManager.default.contentsOfDirectory(atPath: waiting)
            #expect(spooled.count == commands.count)
            #expect(try site.append(input: "").code == 0)
            let accesses = try site.events().filter {
                $0["type"]?.stringValue == "auditlog.accessed"
            }
            #expect(
                accesses.compactMap { $0["data"]?["command"]?.stringValue } == commands.map(\.0))
            #expect(try FileManager.default.contentsOfDirectory(atPath: waiting) == [])
            let account = accesses[2]["data"]?["arguments"]?["account"]?.stringValue
            #expect(account?.hasPrefix("p_") == true)
            #expect(!(try site.zcat().text.contains(OldSite.account)))
            try site.expectIntact()
        }
    }

    @Test("Read from any folder, a site's log tells who did; of a copy it is said that none does")
    func accessedFromElsewhere() async throws {
        try await apart {
            let (site, other) = (try Site.made(), try Site.made())
            for one in [site, other] { #expect(try one.append(input: "").code == 0) }
            func waiting(_ site: Site) throws -> Int {
                let spool = site.path("state/accessed")
                return try FileManager.default.contentsOfDirectory(atPath: spool).count
            }
            func verify(from folder: String, _ options: [String]) throws -> Ended {
                try site.scratch.run(
                    ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder, Tool.path, "verify"]
                        + options)
            }
            // From within another site, from within the log itself, and with keys that are nowhere.
            let places: [(String, [String])] = [
                (other.scratch.folder, ["--log", site.log]),
                (other.scratch.folder, ["--log", site.log + "/"]),
                (site.scratch.folder, []), (site.log, ["--log", "."]),
                ("/", ["--log", site.log, "--keys", site.path("nowhere/keys")]),
            ]
            for (number, place) in places.enumerated() {
                let verified = try verify(from: place.0, place.1)
                #expect(verified.code == 0 && verified.errors.isEmpty, "\(place): \(verified)")
                #expect(try waiting(site) == number + 1, "\(place)")
            }
            #expect(try waiting(other) == 0)
            let copy = site.path("copy")
            try FileManager.default.createDirectory(
                atPath: copy, withIntermediateDirectories: false)
            #expect(try site.scratch.run(["/bin/cp", "-a", site.log, copy]).code == 0)
            let copied = try verify(from: site.scratch.folder, ["--log", copy + "/audit"])
            #expect(copied.code == 0 && copied.errors.contains("no record of this"), "\(copied)")
            #expect(try waiting(site) == places.count)
        }
    }
}
