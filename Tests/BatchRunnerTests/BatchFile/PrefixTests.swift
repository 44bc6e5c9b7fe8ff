import OrderedJSON
import Testing

@testable import BatchRunner

/// No strict prefix of a valid file is taken (I8), and each is waited for: more bytes could
/// complete it, so none is rejected.
@Suite struct PrefixTests {
    /// Bytes at the end that may be missing: white space after the JSON value.
    private static func spare(_ file: Dropped) -> Int {
        guard file.bytes.last(where: { $0 != 0x0A }) == 0x7D else { return 0 }
        return file.bytes.reversed().prefix { $0 == 0x0A }.count
    }

    private static func check(_ file: Dropped) throws {
        try Dropped.inFolder { folder in
            let path = "\(folder)/copy"
            let whole = try file.read(at: path)
            #expect(whole.summary != nil, "\(whole.reading)")
            let shortest = file.bytes.count - spare(file)
            for length in 0..<shortest {
                let outcome = try file.with(bytes: Array(file.bytes[0..<length])).read(at: path)
                guard !outcome.isIncomplete else { continue }
                Issue.record("\(length) bytes of \(file.name): \(outcome.reading)")
                return
            }
        }
    }

    @Test(
        "Every strict prefix of a sample is waited for",
        arguments: ["payouts-mixed.csv", "payouts.json", "payouts-plain.csv"])
    func samples(name: String) throws {
        var file = try Dropped(sample: name)
        if let side = file.side {
            // Without its digest: count and amount alone must tell.
            var object = try #require(try JSONValue(parsing: side).objectValue)
            object["sha256"] = nil
            file.side = object.bytes()
        }
        try Self.check(file)
    }

    @Test("Every strict prefix of a file of each form is waited for", arguments: Dropped.valid)
    func forms(file: Dropped) throws {
        try Self.check(file)
    }

    @Test("Every strict prefix of a gzip file is waited for", arguments: Dropped.valid)
    func gzip(file: Dropped) throws {
        // Two members: a cut between them is a whole gzip file, of half the text.
        let half = file.bytes.count / 2
        var packed = file.with(
            bytes: storedGzip(Array(file.bytes[0..<half]))
                + storedGzip(Array(file.bytes[half...])))
        packed.name += ".gz"
        try Dropped.inFolder { folder in
            let path = "\(folder)/copy"
            let plain = try file.read()
            #expect(try packed.read(at: path).rows == plain.rows)
            for length in 0..<packed.bytes.count {
                let cut = packed.with(bytes: Array(packed.bytes[0..<length]))
                let outcome = try cut.read(at: path)
                guard !outcome.isIncomplete else { continue }
                Issue.record("\(length) bytes of \(packed.name): \(outcome.reading)")
                return
            }
        }
    }

    @Test("Every strict prefix of a side file is waited for")
    func sideFiles() throws {
        let side = Array(Dropped.side.utf8)
        for length in 0..<side.count {
            var file = Dropped.plain
            file.side = Array(side[0..<length])
            #expect(try file.read().isIncomplete, "\(length) bytes")
        }
        var without = Dropped.lines
        without.side = nil
        #expect(try without.read().isIncomplete)
    }

    @Test("A last row without a newline is taken only when a digest proves it")
    func digestProvesTheLastRow() throws {
        var file = Dropped.plain
        file.bytes.removeLast()
        let digest = String(repeating: "ab", count: 32)
        file.side = Array(Dropped.side.dropLast().utf8) + Array(",\"sha256\":\"\(digest)\"}".utf8)
        #expect(try file.read().isIncomplete)
        file.sha256 = digest
        let outcome = try file.read()
        #expect(outcome.summary?.rows == 2)
        #expect(outcome.rows.last?.fields["location"] == "Maynila")
    }

    @Test("A file with a piece still missing in its middle is waited for", arguments: Dropped.valid)
    func holes(file: Dropped) throws {
        try Dropped.inFolder { folder in
            for start in 0..<file.bytes.count {
                var bytes = file.bytes
                // As long as a row or shorter: what is around it may be whole rows.
                let end = min(start + 40, bytes.count)
                bytes.replaceSubrange(start..<end, with: repeatElement(0, count: end - start))
                let outcome = try file.with(bytes: bytes).read(at: "\(folder)/copy")
                guard !outcome.isIncomplete else { continue }
                Issue.record("a hole at \(start) of \(file.name): \(outcome.reading)")
                return
            }
        }
    }
}
