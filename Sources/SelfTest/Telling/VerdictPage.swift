extension Verdict {
    private static let bytesPerGibibyte: UInt64 = 1 << 30

    /// The page: what was tried, what was counted, what this file system can do, and the verdict.
    var page: String {
        let parts: [[String]] = [
            [
                "BatchRunner \(version): self-test", "\(startedAt), \(seconds) s, seed \(seed)",
                folder,
            ],
            ["VERDICT: " + sentence], foundLines, untriedLines,
            triedLines, countedLines, otherLines, provedLines,
            fileSystemLines, limitLines,
        ]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
            .joined(separator: "\n\n") + "\n"
    }

    private var foundLines: [String] {
        guard !findings.isEmpty else { return [] }
        let hidden = findings.count - Self.shownFindings
        return ["WHAT IS WRONG"] + findings.prefix(Self.shownFindings).map { "  " + $0.line }
            + (hidden > 0 ? ["  and \(hidden) more in verdict.json"] : [])
            + ["  Everything is kept in the folder above: please send it to us."]
    }

    private var untriedLines: [String] {
        guard !untried.isEmpty else { return [] }
        return ["WHAT WAS NOT TRIED"] + untried.map { "  " + $0 }
            + ["  Try again with more kills or another seed; if it stays so, please send it to us."]
    }

    private var triedLines: [String] {
        let points = count.atPoints.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return [
            "WHAT WAS TRIED",
            "  The runner was killed (kill -9) \(Figure.count(count.all, "time", "times")):",
            "    \(count.atPoints.values.reduce(0, +)) at named moments: "
                + points.joined(separator: ", "),
            "    \(count.atMoments) at random moments, \(count.whileStarting) while it started",
            "  A second runner was started beside it \(Figure.count(count.rivals, "time", "times")).",
            "  The provider was killed \(Figure.count(count.providerKills, "time", "times")), and "
                + "absent in \(Figure.count(count.providerAway, "life", "lives")) of the runner.",
            "  \(ProviderProcess.faultPercent) of 100 requests and reports met a fault: lost before "
                + "or after they took effect,",
            "  answered late, cut, spoilt or with an error, or applied "
                + "\(ProviderProcess.delaySeconds) s after the connection was gone.",
        ]
    }

    private var countedLines: [String] {
        guard let figures else { return [] }
        func row(_ name: String, _ sum: Figures.Sum) -> String {
            Self.columns("  " + name, Figure.grouped(sum.rows), Money.shown(sum.centavos))
        }
        let ends = ["paid", "failed", "cancelled", "refused", "held"]
        let others = figures.ends.keys.filter { !ends.contains($0) }.sorted()
        return [
            "WHAT WAS COUNTED",
            "  \(Figure.count(figures.batches, "batch", "batches")) and "
                + "\(Figure.count(figures.callbacks, "report", "reports")) of the provider were "
                + "dropped,",
            "  and \(Figure.count(figures.counterMessages, "message", "messages")) of counters; "
                + "\(Figure.count(figures.responses, "response", "responses")) came out.",
            "  \(Figure.count(figures.unanswered, "payout", "payouts")) got no clear answer and "
                + "\(figures.interrupted) were interrupted by a kill: asked about "
                + "\(Figure.count(figures.questions, "time", "times")).",
            Self.columns("", "payouts", "PHP"),
            row("rows in the batches", figures.dropped), row("taken as payouts", figures.taken),
        ]
            + (ends + others).map { row("  told as \($0)", figures.ends[$0] ?? Figures.Sum()) }
            + [
                row("moved by the provider, by its own ledger", figures.moved),
                Self.columns("  requests it got for them", Figure.grouped(figures.requests), ""),
                Self.columns("  SENT TWICE", String(findings(.doubled)), ""),
                Self.columns("  LOST", String(findings(.lost)), ""),
                Self.columns("  REPORTED WRONGLY", String(findings(.false_)), ""),
            ]
    }

    private var otherLines: [String] {
        guard let figures else { return [] }
        let names = [
            "cancelPayout": "cancellations", "amendTransactionV2": "amendments",
            "balanceTransfer": "transfers",
        ]
        let requests = figures.requestEnds.sorted { $0.key < $1.key }.map { action, ends in
            let all = Figure.grouped(ends.values.reduce(0, +))
            let told = ends.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            return "  \(all) \(names[action] ?? action): " + told.joined(separator: ", ")
        }
        let registered = Figure.grouped(figures.registered)
        return ["WHAT ELSE WAS ASKED FOR"] + requests + [
            "  \(registered) payouts registered for counters: \(figures.booked) booked as paid"
        ]
    }

    private static func columns(_ name: String, _ rows: String, _ money: String) -> String {
        func pad(_ count: Int) -> String { String(repeating: " ", count: max(1, count)) }
        let line =
            name + pad(46 - name.count) + pad(10 - rows.count) + rows
        return money.isEmpty ? line : line + pad(18 - money.count) + money
    }

    private var provedLines: [String] {
        let events = figures.map { Figure.count($0.events, "event", "events") } ?? "its events"
        return [
            "WHAT WAS PROVED",
            line(aftermath.isLogWhole, "auditlog verify: \(events), none changed, none missing"),
            line(aftermath.isLedgerTheLogs, "rebuild: the ledger is what the audit log makes it"),
            line(
                aftermath.isRepeatable, "a further run sent nothing, changed nothing, told the same"
            ),
            "  All of it was judged from the audit log, the outbox and the provider's ledger alone.",
        ]
    }

    private func line(_ isTrue: Bool, _ text: String) -> String {
        (isTrue ? "  yes     " : "  NO      ") + text
    }

    private var fileSystemLines: [String] {
        guard let facts = fileSystem else { return [] }
        let tenths = facts.freeBytes * 10 / Self.bytesPerGibibyte
        return ["THIS FILE SYSTEM: \(facts.kind), \(tenths / 10).\(tenths % 10) GiB free"]
            + facts.facts.map { fact in
                let answer = fact.answer.rawValue
                return "  " + answer + String(repeating: " ", count: 8 - answer.count) + fact.name
                    + ": " + fact.remark
            }
    }

    private var limitLines: [String] {
        [
            "WHAT IT DOES NOT SHOW",
            "  That this disk keeps what it has acknowledged when the power fails: kill -9 leaves the",
            "  operating system running. SkyPay itself was not asked; its part was played by",
            "  skypay-sandbox, with waits of 1 s where SkyPay wants 300 s.",
        ]
    }
}
