import Foundation
import OrderedJSON
import Testing

@Suite("prove and check-proof")
struct ProofTests {
    /// A log with a proof of event 5, and the event, as files.
    private static func proved() throws -> (Site, proof: String, event: String) {
        let site = try Site.made()
        try #require(try site.append(input: Site.lines(0..<40)).code == 0)
        let (proof, event) = (site.path("5.tlog-proof"), site.path("5.json"))
        let ended = try site.keyed("prove", ["5", "--output", proof])
        try #require(ended.code == 0 && ended.output.isEmpty, "\(ended)")
        try Scratch.put(try site.keyed("show", ["5", "--json"]).output, at: event)
        return (site, proof, event)
    }

    @Test("A proof holds for its event, with or without its newline, under the root key")
    func good() async throws {
        try await apart {
            let (site, proof, event) = try Self.proved()
            let key = try site.rootKey()
            let checked = try site.run("check-proof", [proof, "--event", event, "--key", key])
            #expect(checked.code == 0, "\(checked)")
            #expect(checked.text.contains("proved: event 5 is in the log \(Site.origin)"))
            try Scratch.put(Array(try Scratch.bytes(event).dropLast()), at: event)
            let json = try site.run(
                "check-proof", [proof, "--event", event, "--key", key, "--json"])
            #expect(json.code == 0)
            #expect(try JSONValue(parsing: json.output)["holds"] == true)
            let printed = try site.run("prove", ["5"])
            #expect(printed.output == (try Scratch.bytes(proof)))
        }
    }

    @Test("Far from the log the certificates beside the proof are enough, and needed")
    func elsewhere() async throws {
        try await apart {
            let (site, proof, event) = try Self.proved()
            let key = try site.rootKey()
            let epochs = try Scratch.bytes(site.log + "/epochs")
            try FileManager.default.removeItem(atPath: site.log)
            let without = try site.run("check-proof", [proof, "--event", event, "--key", key])
            #expect(without.code == 2 && without.text.contains("certificates"), "\(without)")
            try Scratch.put(epochs, at: site.path("epochs"))
            let with = try site.run("check-proof", [proof, "--event", event, "--key", key])
            #expect(with.code == 0, "\(with)")
        }
    }

    @Test("An altered event, an altered proof and another log's key are exit 2")
    func altered() async throws {
        try await apart {
            let (site, proof, event) = try Self.proved()
            let other = try Site.made()
            let key = try site.rootKey()
            func code(_ proof: String, _ event: String, _ key: String) throws -> Int32? {
                try site.run("check-proof", [proof, "--event", event, "--key", key]).code
            }
            #expect(try code(proof, event, other.rootKey()) == 2)
            let line = try String(decoding: Scratch.bytes(event), as: UTF8.self)
            let changed = site.path("changed.json")
            try Scratch.put(Array(line.replacing("badge 7", with: "badge 8").utf8), at: changed)
            #expect(try code(proof, changed, key) == 2)
            try Scratch.put(try site.keyed("show", ["6", "--json"]).output, at: changed)
            #expect(try code(proof, changed, key) == 2)
            let text = try String(decoding: Scratch.bytes(proof), as: UTF8.self)
            let forged = site.path("forged.tlog-proof")
            try Scratch.put(Array(text.replacing("index 5", with: "index 4").utf8), at: forged)
            #expect(try code(forged, event, key) == 2)
            try Scratch.put([], at: forged)
            #expect(try code(forged, event, key) == 2)
            #expect(try code(site.path("nowhere"), event, key) == 1)
            #expect(try code(proof, event, "no key") == 64)
        }
    }

    @Test("No proof of an event that is not there, and none over a file that is")
    func refused() async throws {
        try await apart {
            let (site, proof, _) = try Self.proved()
            let before = try Scratch.bytes(proof)
            let missing = try site.run("prove", ["100000"])
            #expect(missing.code == 1 && missing.output.isEmpty, "\(missing)")
            let again = try site.run("prove", ["6", "--output", proof])
            #expect(again.code == 1 && again.errors.contains(proof), "\(again)")
            #expect(try Scratch.bytes(proof) == before)
        }
    }

    @Test("A log that grew is proved to begin with the checkpoint kept; one that forked is exit 3")
    func consistency() async throws {
        try await apart {
            let site = try Site.made()
            #expect(try site.append(input: Site.lines(0..<40)).code == 0)
            let fork = try site.copied()
            func keep(_ site: Site, _ numbers: Range<Int>) throws -> (path: String, size: String) {
                #expect(try site.append(input: Site.lines(numbers)).code == 0)
                let size = try site.events().count
                return (try site.keepCheckpoint(), String(size))
            }
            let (kept, size) = try keep(site, 40..<50)
            // Whoever has the keys signed another history of the same length.
            let (forked, _) = try keep(fork, 50..<60)
            #expect(try site.append(input: Site.lines(60..<70)).code == 0)
            let grown = site.path("grown")
            #expect(try site.run("prove", ["--consistency", size, "--output", grown]).code == 0)
            let key = ["--key", try site.rootKey()]
            let good = try site.run("check-proof", [grown, "--since", kept] + key)
            #expect(good.code == 0 && good.text.contains("begins with the \(size)"), "\(good)")
            let conflict = try site.run("check-proof", [grown, "--since", forked] + key)
            #expect(conflict.code == 3, "\(conflict)")
            let verified = try site.run("verify", ["--since", forked] + key)
            #expect(verified.code == 3, "\(verified)")
            let neither = try site.run("check-proof", [grown] + key)
            #expect(neither.code == 64, "\(neither)")
        }
    }
}
