import Testing

@testable import BatchRunner

/// What is wrong with a file as a whole: one file a case, and the faults it must be rejected with.
struct FaultCase: Sendable, CustomTestStringConvertible {
    var file: Dropped
    var faults: [String]
    var testDescription: String

    init(_ what: String, _ name: String, _ text: String, side: String? = nil, _ faults: String...) {
        testDescription = what
        file = Dropped(name, text, side: side)
        self.faults = faults
    }

    /// `line:column item field code`, `-` for what is not there.
    static func shown(_ fault: Fault) -> String {
        let place = [fault.line, fault.column, fault.item].map { $0.map(String.init) ?? "-" }
        return "\(place[0]):\(place[1]) \(place[2]) \(fault.field ?? "-") \(fault.code)"
    }
}

@Suite struct FaultTests {
    private static let head = Dropped.header + Dropped.columns
    private static let rows = Dropped.row1 + Dropped.row2

    static let typedCases: [FaultCase] = [
        FaultCase("no header", "a.csv", Dropped.columns + rows, "1:1 - - record"),
        FaultCase(
            "batch blank", "a.csv", "H,batch=,action=payoutQueue,mode=test,sequence=\n",
            "1:3 - batch header"),
        FaultCase(
            "header keys", "a.csv", "H,bach=B,batch=B,batch=C,userName=x,mode=prod,sequence=0\n",
            "1:3 - bach unknown-field", "1:18 - batch duplicate-field", "1:26 - - secret",
            "1:37 - mode header", "1:47 - sequence header", "1:- - action missing"),
        FaultCase(
            "other action", "a.csv", "H,batch=B,action=payoutqueue,mode=test\n",
            "1:- - action action"),
        FaultCase("no columns", "a.csv", Dropped.header + rows, "2:1 - - record"),
        FaultCase(
            "columns", "a.csv",
            Dropped.header + "C,controlNumber,name,name,fone,amount,accountNo,withdrawChannel,\n",
            "2:22 - name duplicate-field", "2:27 - fone unknown-field", "2:65 -  unknown-field",
            "2:1 - phone missing"),
        FaultCase(
            "a secret column", "a.csv",
            Dropped.header + Dropped.columns.dropLast() + ",authentication\n", "2:61 - - secret"),
        FaultCase("unknown record", "a.csv", head + "X,1\n", "3:1 - - record"),
        FaultCase("empty line", "a.csv", head + "\n" + rows, "3:1 - - record"),
        FaultCase(
            "two headers", "a.csv", head + rows + Dropped.header, "5:1 - - record"),
        FaultCase(
            "count and amount", "a.csv", head + rows + "T,count=3,amount=1500.51\n",
            "5:3 - count count", "5:11 - amount amount"),
        FaultCase(
            "trailer keys", "a.csv", head + rows + "T,count=+2\n", "5:3 - count count",
            "5:- - amount missing"),
        FaultCase(
            "a total without decimals", "a.csv", head + rows + "T,count=2,amount=1500.5\n",
            "5:11 - amount amount"),
        FaultCase(
            "bytes after the trailer", "a.csv", head + rows + Dropped.trailer + "\n",
            "6:1 - - after-end"),
        FaultCase(
            "a second batch", "a.csv", head + rows + Dropped.trailer + head, "6:1 - - after-end"),
        FaultCase(
            "amounts nobody can add up", "a.csv",
            head + "D,A,B,C,\"1,5\",E,F\nD,A,B,C,,E,F\nD,A\n" + rows + "T,count=5,amount=1500.50\n",
            "3:9 - amount amount", "4:9 - amount amount", "5:1 - amount amount"),
        FaultCase("a side file too many", "a.csv", head, side: Dropped.side, "-:- - - header"),
    ]

    static let jsonCases: [FaultCase] = [
        FaultCase("not an object", "a.json", "[1]", "1:1 - - syntax"),
        FaultCase("a trailing comma", "a.json", "{\"count\":1,}", "1:12 - - syntax"),
        FaultCase("a bad word", "a.json", "{\"count\":nul}", "1:10 - - syntax"),
        FaultCase(
            "an unknown key", "a.json", "{\n \"item\":[]}", "2:2 - item unknown-field"),
        FaultCase(
            "a key twice", "a.json", "{\"mode\":\"test\",\"mode\":\"live\"}",
            "1:16 - mode duplicate-field"),
        FaultCase(
            "kinds of the envelope", "a.json",
            "{\"batch\":1,\"action\":\"payoutQueue\",\"mode\":\"x\",\"count\":\"1\",\"amount\":1}",
            "1:10 - batch header", "1:42 - mode header", "1:54 - count count",
            "1:67 - amount amount"),
        FaultCase(
            "keys missing", "a.json", "{\"items\":[]}", "-:- - batch missing",
            "-:- - action missing", "-:- - mode missing", "-:- - count missing"),
        FaultCase("an item that is none", "a.json", "{\"items\":[\"x\"]}", "1:11 1 - syntax"),
        FaultCase(
            "a broken item", "a.json", "{\"items\":[\(Dropped.item1),\n {\"a\":\"1\" \"b\":2}]}",
            "2:11 2 - syntax"),
        FaultCase(
            "an amount that is a number", "a.json",
            Dropped.json.text.replacing("\"0.50\"", with: "0.50"), "4:35 2 amount amount"),
        FaultCase(
            "two amounts", "a.json",
            Dropped.json.text.replacing("\"bankNo\":null", with: "\"amount\":\"0.50\""),
            "4:35 2 amount amount"),
        FaultCase("bytes after", "a.json", Dropped.json.text + "\n\n x", "8:2 - - after-end"),
        FaultCase(
            "a count too high", "a.json",
            Dropped.json.text.replacing("\"count\":2", with: "\"count\":3"),
            "5:92 - count count"),
    ]

    static let sideCases: [FaultCase] = [
        FaultCase(
            "more rows than stated", "a.csv", Dropped.plain.text,
            side: Dropped.side.replacing("2", with: "1"), "3:- - - after-end"),
        FaultCase(
            "bytes after the last row", "a.csv", Dropped.plain.text + "x", side: Dropped.side,
            "4:- - - after-end"),
        FaultCase(
            "another amount", "a.csv", Dropped.plain.text,
            side: Dropped.side.replacing("1500.50", with: "1500.51"), "-:- - amount amount"),
        FaultCase(
            "another content", "a.csv", Dropped.plain.text,
            side: Dropped.side.dropLast() + ",\"sha256\":\"\(String(repeating: "0", count: 64))\"}",
            "-:- - sha256 sha256"),
        FaultCase(
            "side file keys", "a.csv", Dropped.plain.text,
            side: "{\"batch\":\"B\",\"acton\":1,\"sha256\":\"x\",\"mode\":\"test\",\"count\":2}",
            "-:- - acton unknown-field", "-:- - sha256 header", "-:- - action missing"),
        FaultCase(
            "neither names nor a side file", "a.csv", "nothing,known\n", "1:1 - - record"),
        FaultCase(
            "names that are wrong, and no side file", "a.csv",
            "controlNumber,names,phone,amount,accountNo,withdrawChannel\n",
            "1:15 - names unknown-field"),
        FaultCase(
            "a line that is no object", "a.jsonl", "{\"a\":1\n}\n", side: Dropped.side,
            "1:1 - - syntax"),
        FaultCase("neither", "a.pdf", "%PDF", "1:1 - - syntax"),
    ]

    @Test(
        "A file that no bytes can mend is rejected with every fault in its place",
        arguments: typedCases + jsonCases + sideCases)
    func rejected(_ wrong: FaultCase) throws {
        let outcome = try wrong.file.read()
        #expect(outcome.faults.map(FaultCase.shown) == wrong.faults, "\(outcome.reading)")
    }

    @Test("What is wrong in a file cut short is not waited for")
    func cutShort() throws {
        let bad = "D,A,B,C,1,E,F\n"
        let typed = try Dropped("a.csv", Self.head + bad + Dropped.row1).read()
        #expect(typed.faults.map(FaultCase.shown) == ["3:9 - amount amount"])
        let item = try Dropped(
            "a.json", "{\"action\":\"payoutQueue\",\"items\":[{\"amount\":\"1\"},"
        ).read()
        #expect(item.faults.map(FaultCase.shown) == ["1:44 1 amount amount"])
        let mode = try Dropped("a.json", "{\"mode\":\"tset\",").read()
        #expect(mode.faults.map(FaultCase.shown) == ["1:9 - mode header"])
        var lines = Dropped.lines
        lines.bytes += Array("{\"a".utf8)
        #expect(try lines.read().faults.first?.code == FaultCode.afterEnd)
    }

    @Test("A first line that is a row is not repeated in the answer")
    func noNumbersInMessages() throws {
        let row = Dropped.row1.dropFirst(2)
        let faults = try Dropped("a.csv", String(row)).read().faults
        #expect(faults.map(FaultCase.shown) == ["1:1 - - record"])
        #expect(!faults.contains { $0.message.contains("4567") })
    }

    @Test("Bytes that are not UTF-8 are rejected at their line and column")
    func encoding() throws {
        for (bytes, column) in [([0xFF], 3), ([0xC3, 0x28], 4), ([0xED, 0xA0, 0x80], 4)] {
            var file = Dropped.typed
            file.bytes = Array((Self.head + "D,").utf8) + bytes.map { UInt8($0) } + [0x0A]
            let faults = try file.read().faults
            #expect(faults.map(FaultCase.shown) == ["3:\(column) - - encoding"])
        }
    }

    @Test("Limits on rows, row length and columns are kept")
    func limits() throws {
        var limits = BatchLimits()
        limits.maxRows = 1
        #expect(try Dropped.typed.read(limits: limits).faults.first?.code == FaultCode.tooLarge)
        limits.maxRows = 2
        limits.maxRowBytes = Dropped.row1.utf8.count - 1
        #expect(try Dropped.typed.read(limits: limits).summary != nil)
        for (file, least) in [(Dropped.typed, Dropped.row1), (.json, Dropped.item2)] {
            limits.maxRowBytes = least.utf8.count - 2
            let faults = try file.read(limits: limits).faults
            #expect(faults.map { $0.code } == [FaultCode.tooLarge], "\(file.name)")
        }
    }

    @Test("A quote that is opened and never closed ends at the limit of a row, not at the file's")
    func openQuote() throws {
        var limits = BatchLimits()
        limits.maxRowBytes = 200
        let text = Self.head + "D,\"" + String(repeating: "x\n", count: 200)
        let faults = try Dropped("a.csv", text).read(limits: limits).faults
        #expect(faults.map(FaultCase.shown) == ["3:1 - - too-large"])
        #expect(faults.first?.message.contains("quote is opened") == true)
    }

    @Test("A long list of faults is cut, and says so")
    func manyFaults() throws {
        let text = Self.head + String(repeating: "D,A,B,C,x,E,F\n", count: 50)
        let faults = try Dropped("a.csv", text + "T,count=50,amount=0.00\n").read().faults
        #expect(faults.count == BatchLimits.standard.maxFileFaults + 1)
        #expect(faults.last?.message == "and 30 more rows whose amount is not proven")
    }
}
