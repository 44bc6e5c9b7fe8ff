import DurableFiles
import Glibc
import OrderedJSON
import Testing

@testable import SelfTest

/// What is decided before anything runs, and how it is told.
struct TrialTests {
    @Test("The same seed plans the same lives, another one others; every moment has its turn")
    func plans() {
        func lives(_ seed: UInt64) -> [Life] {
            var plan = LifePlan(seed: seed)
            return (0..<200).map { _ in plan.next() }
        }
        #expect(lives(1) == lives(1))
        #expect(lives(1) != lives(2))
        let names = lives(3).compactMap { life in
            if case .point(let name, _) = life.end { name } else { nil }
        }
        for point in LifePlan.points {
            #expect(names.count { $0 == point.name } >= names.count / LifePlan.points.count)
        }
        #expect(lives(3).contains { $0.provider == .isAway })
        #expect(lives(3).contains { $0.hasRival } && lives(3).contains { $0.command == .run })
    }

    @Test("A report that a kill of the provider cut off is not waited for")
    func cutReports() throws {
        var template = Array("/tmp/selftest-reports-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        let folder = String(cString: made)
        defer {
            for name in [".b.txt.writing", "a.txt"] { unlink(folder + "/" + name) }
            rmdir(folder)
        }
        try DurableFiles.createOnce(folder + "/.b.txt.writing", [1])
        #expect(Dropper.reports(folder).isEmpty)
        try DurableFiles.createOnce(folder + "/a.txt", [1])
        #expect(Dropper.reports(folder) == ["a.txt"])
    }

    @Test("What a trial saw is judged again with its evidence; without it nothing is")
    func recorded() throws {
        var template = Array("/tmp/selftest-record-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        let folders = TrialFolders(root: String(cString: made))
        defer {
            unlink(folders.trial)
            rmdir(folders.root)
        }
        #expect(throws: SelfTestError.self) { try TrialRecord(folders) }
        let record = TrialRecord(
            findings: [Finding(harm: .broken, invariant: "I12", text: "a life ended with 70")],
            hasSteadyClock: false)
        try record.write(folders)
        #expect(try TrialRecord(folders) == record)
        #expect(Verdict.unjudged(false).count == 1 && Verdict.unjudged(true).isEmpty)
    }

    @Test("Most lives are to end at a named moment that can come")
    func moments() {
        var plan = LifePlan(seed: 4)
        let lives = (0..<1_000).map { _ in plan.next() }
        let atPoints = lives.filter { if case .point = $0.end { true } else { false } }
        #expect((650...750).contains(atPoints.count))
        #expect(
            !atPoints.contains {
                guard case .point(let name, _) = $0.end else { return false }
                return $0.provider == .isAway && LifePlan.pointsOfTheProvider.contains(name)
            })
    }

    @Test("Batches are what their maker says of them: numbers, sums, faults, copies, both forms")
    func batches() throws {
        var maker = BatchMaker(seed: 5)
        var seen: [String: DroppedFile] = [:]
        var forms: Set<String> = []
        for _ in 0..<300 {
            let (file, contested) = maker.next()
            let text = String(decoding: file.bytes, as: UTF8.self)
            #expect(SHA256Text.of(file.bytes) == file.known.sha256)
            #expect(file.known.rows.first?.promise == .good)
            for row in file.known.rows {
                let isTransfer = file.known.kind == .transfers
                #expect(isTransfer || text.contains(row.number))
                #expect(file.known.kind == .orders || text.contains(Money.text(row.centavos)))
            }
            let total = file.known.rows.reduce(0) { $0 + $1.centavos }
            #expect(file.known.kind == .orders || text.contains(Money.text(total)))
            let earlier = seen.values.flatMap(\.rows).map(\.number)
            #expect(contested.isSubset(of: earlier))
            if file.known.name.contains("again") { #expect(seen[file.known.sha256] != nil) }
            seen[file.known.sha256] = file.known
            let isStore = text.contains("payoutQueueV2")
            let form = file.known.name.hasSuffix(".csv") ? "csv" : isStore ? "stores" : "json"
            forms.insert("\(file.known.kind.rawValue) \(form)")
        }
        let both = ["orders", "transfers", "registration", "batch"].flatMap {
            [$0 + " csv", $0 + " json"]
        }
        #expect(forms.isSuperset(of: both + ["batch stores"]), "\(forms)")
        let promises = seen.values.flatMap(\.rows).map(\.promise)
        #expect(promises.contains(.faulty) && promises.contains(.contested))
        #expect(seen.values.contains { $0.kind == .wrong })
    }

    @Test("Nothing is ordered twice, each transfer has an amount of its own, counters follow")
    func others() {
        var maker = BatchMaker(seed: 6)
        var ordered: [String] = []
        var transfers: [String] = []
        var manners: Set<String> = []
        for _ in 0..<300 {
            let file = maker.next().file
            guard !file.known.name.contains("again") else {
                #expect(file.later.isEmpty)
                continue
            }
            if file.known.kind == .orders { ordered += file.known.rows.map(\.number) }
            if file.known.kind == .transfers { transfers += file.known.rows.map(\.number) }
            ordered += file.later.filter { $0.known.kind == .orders }
                .flatMap { $0.known.rows.map(\.number) }
            let follows = Set(file.later.map(\.known.kind))
            switch file.known.kind {
            case .registration: #expect(follows.contains(.payment))
            case .batch: #expect(follows.isSubset(of: [.orders]))
            default: #expect(follows.isEmpty)
            }
            for row in file.known.rows where file.known.kind == .registration {
                let told = file.later.filter { $0.known.rows[0].number == row.number }
                manners.insert(
                    told.map { "\($0.known.kind.rawValue) \($0.known.rows[0].promise.rawValue)" }
                        .joined(separator: ", "))
            }
        }
        #expect(Set(ordered).count == ordered.count && ordered.count > 20)
        #expect(Set(transfers).count == transfers.count && transfers.count > 20)
        #expect(
            manners == [
                "inquiry good, payment good, payment good, payment good", "payment good",
                "inquiry good, payment faulty",
            ])
    }

    @Test("What was dropped is read back as it was written")
    func manifest() throws {
        var maker = BatchMaker(seed: 9)
        for _ in 0..<20 {
            let file = maker.next().file.known
            let line = try JSONValue(parsing: file.json.bytes())
            #expect(DroppedFile(line) == file)
        }
        #expect(DroppedFile(["name": "x"]) == nil)
    }

    @Test("The provider's ledger: late requests, cancellations, a line cut short, a damaged one")
    func provider() throws {
        let lines = """
            {"event":"opened","balance":"10.00"}
            {"event":"deferred","id":1,"dueAt":2,"request":{},"at":1}
            {"event":"deferred","id":2,"dueAt":2,"request":{},"at":1}
            {"event":"resumed","id":1,"at":3}
            {"event":"applied","controlNumber":"A","amount":"1.00","fails":false,"at":4}
            {"event":"uploaded","controlNumber":"A","reference":"","at":5}
            {"event":"changing","controlNumber":"A","kind":"cancel","succeeds":true,"at":6}
            {"event":"changed","controlNumber":"A","reference":"","at":7}
            {"event":"request","controlNumber":"B","bodySha256":"b","at":8}
            {"event":"changing","controlNumber":"C","kind":"amend","succeeds":true,"at":9}
            {"event":"changed","controlNumber":"C","reference":"","at":10}
            {"event":"deferred","id":3,"dueAt":2,"request":{"action":"cancelPayout",\
            "controlNumbers":[{"controlNumber":"D"}]},"at":11}
            {"event":"moved","notices":[{"statementType":"3","signType":"reduce","amount":1.50},\
            {"statementType":"3","signType":"recharge","amount":1.50}],"at":12}

            """
        let books = try ProviderBooks(lines: Array((lines + "{\"event\":\"app").utf8))
        #expect(books.waiting == [2, 3])
        #expect(books.payouts["C"]?.isAmended == true && books.payouts["A"]?.isAmended == false)
        #expect(books.lateOrders == ["D"] && books.transfers == [150: 1])
        #expect(books.payouts["A"]?.standing == .cancelled && books.moved == 100)
        #expect(books.payouts["B"]?.standing == .nothing)
        #expect(books.payouts["B"]?.requests == [.init(body: "b", at: 8)])
        #expect(throws: SelfTestError("line 1 of the provider's ledger cannot be read")) {
            try ProviderBooks(lines: Array("{\"event\":\"settled\"}\n".utf8))
        }
    }

    @Test("A program that is missing is named, with the remedy")
    func missing() {
        let error = #expect(throws: SelfTestError.self) {
            try Programs.find("auditlog", in: ["/nonexistent"])
        }
        #expect(error?.description.contains("auditlog is neither beside batchrunner") == true)
        #expect(error?.description.contains("make install") == true)
    }

    @Test("The page says PASSED only when nothing was found, and counts what was")
    func page() {
        var verdict = Verdict(version: "1.2.3", folder: "/x", seed: 7, startedAt: "now")
        verdict.figures = Figures(HonestBooks().evidence, HonestBooks().story)
        verdict.count.atMoments = 1
        #expect(verdict.page.contains("VERDICT: PASSED. No payout was sent twice, lost or"))
        #expect(!verdict.page.contains("WHAT IS WRONG"))
        verdict.findings = [
            Finding(harm: .doubled, invariant: "I1", text: "one"),
            Finding(harm: .broken, invariant: "I6", text: "two"),
        ]
        #expect(verdict.page.contains("VERDICT: FAILED. 1 sent twice, 1 other promises broken."))
        #expect(verdict.page.contains("  I1: one\n  I6: two\n"))
        #expect(verdict.json["passed"]?.booleanValue == false)
        #expect(verdict.json["doubled"]?.integerValue == 1)
        verdict.findings = Array(repeating: verdict.findings[0], count: 25)
        #expect(verdict.page.contains("and 5 more in verdict.json"))
    }

    @Test("Where too little was tried the page says so, and not that all is well")
    func floor() {
        var verdict = Verdict(version: "1.2.3", folder: "/x", seed: 7, startedAt: "now")
        #expect(verdict.untried == ["nothing was counted"])
        var figures = Figures(HonestBooks().evidence, HonestBooks().story)
        verdict.figures = figures
        #expect(verdict.untried == ["the runner was never killed"])
        #expect(figures.untried.isEmpty)
        verdict.count.atPoints = ["claimed": 1]
        verdict.count.planned = ["claimed": 5, "sent": 2]
        #expect(verdict.isPassed)
        verdict.count.planned["sent"] = 3
        #expect(verdict.untried == ["in 3 lives the runner never came to the moment sent"])
        verdict.count.planned = [:]
        figures.ends = ["held": figures.taken]
        figures.requestEnds = ["balanceTransfer": ["held": 60], "cancelPayout": ["failed": 59]]
        figures.registered = 60
        verdict.figures = figures
        #expect(
            verdict.untried == [
                "0 of 4 payouts were paid", "none of 60 rows of balanceTransfer took effect",
                "none of 60 registered payouts was booked",
            ])
        // What --judge goes by, which knows of no kills.
        #expect(figures.untried == verdict.untried)
        #expect(!verdict.isPassed && verdict.json["passed"]?.booleanValue == false)
        #expect(verdict.json["notTried"]?.arrayValue?.count == 3)
        #expect(verdict.page.contains("VERDICT: INCOMPLETE. Nothing wrong was found, but too"))
        #expect(verdict.page.contains("WHAT WAS NOT TRIED\n  0 of 4 payouts were paid\n"))
        verdict.findings = [Finding(harm: .lost, invariant: "I4", text: "one")]
        #expect(verdict.page.contains("VERDICT: FAILED. 1 lost."))
    }

    @Test("News keep a settling site waited for, questions do not, and the wait has an end")
    func patience() {
        let start = ContinuousClock.now
        var patience = Patience(at: start)
        #expect(patience.end(3, at: start) == nil)
        #expect(patience.end(3, at: start + .seconds(90)) == nil)
        #expect(patience.end(4, at: start + .seconds(91)) == nil)
        #expect(patience.end(4, at: start + .seconds(181)) == nil)
        #expect(patience.end(4, at: start + .seconds(182)) == "nothing but questions for 90 s")
        patience = Patience(at: start)
        for second in stride(from: 0, through: 3_600, by: 60) {
            #expect(patience.end(second + 1, at: start + .seconds(second)) == nil)
        }
        #expect(
            patience.end(0, at: start + .seconds(3_601))
                == "not at rest after 3600 s without faults")
    }

    @Test("A second instance may be turned away or have its turn; any other end of it is a finding")
    func rivals() {
        for code: Int32 in [0, 10, 20, 30, 40, 50, 75] {
            #expect(Trial.finding(ofRival: .exit(code)) == nil)
        }
        for ended in [ChildProcess.Ended.exit(70), .exit(64), .signal(11), .signal(9)] {
            #expect(
                Trial.finding(ofRival: ended)?.line == "I12: a second instance ended with \(ended)")
        }
    }

    @Test("What this file system can do is found out without leaving anything behind")
    func fileSystem() throws {
        var template = Array("/tmp/selftest-probe-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { DurableFiles.removeTree(folder) }
        let facts = try FileSystemProbe(folder: folder).facts()
        #expect(facts.missing == [])
        #expect(facts.facts.count == 11 && facts.freeBytes > 0 && !facts.kind.isEmpty)
        #expect(Listing.names(folder) == [])
    }
}
