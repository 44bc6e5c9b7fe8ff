import OrderedJSON

/// Everything the page tells.
struct Verdict: Sendable {
    var version: String
    var folder: String
    var seed: UInt64
    var startedAt: String
    var seconds = 0
    var count = KillCount()
    var figures: Figures?
    var findings: [Finding] = []
    var aftermath = Aftermath()
    var fileSystem: FileSystemFacts?
    /// False when this machine's clock was set meanwhile.
    var hasSteadyClock = true

    /// Findings that are told at most; `verdict.json` has them all.
    static let shownFindings = 20

    /// Nothing is wrong, and enough was tried to say so.
    var isPassed: Bool { findings.isEmpty && untried.isEmpty }

    /// Findings of one kind.
    func findings(_ harm: Finding.Harm) -> Int { findings.count { $0.harm == harm } }

    /// The verdict in a sentence.
    var sentence: String {
        if isPassed { return "PASSED. No payout was sent twice, lost or reported wrongly." }
        if findings.isEmpty {
            return "INCOMPLETE. Nothing wrong was found, but too little was tried to tell."
        }
        let parts = [
            (Finding.Harm.doubled, "sent twice"), (.lost, "lost"), (.false_, "reported wrongly"),
        ].compactMap { harm, words in
            findings(harm) > 0 ? "\(findings(harm)) \(words)" : nil
        }
        let others = findings(.broken)
        let more = others > 0 ? ["\(others) other promises broken"] : []
        return "FAILED. " + (parts + more).joined(separator: ", ") + "."
    }
}

extension Verdict {
    /// `verdict.json`: everything on the page, and every finding.
    var json: JSONValue {
        var object: JSONObject = [
            "passed": .boolean(isPassed), "verdict": .string(sentence),
            "version": .string(version), "startedAt": .string(startedAt),
            "seconds": number(seconds), "seed": .string(String(seed)),
            "folder": .string(folder), "kills": kills,
        ]
        object["counted"] = figures.map(counted)
        object["doubled"] = number(findings(.doubled))
        object["lost"] = number(findings(.lost))
        object["falselyReported"] = number(findings(.false_))
        object["otherFindings"] = number(findings(.broken))
        object["findings"] = .array(
            findings.map { finding in
                [
                    "harm": .string(finding.harm.rawValue),
                    "invariant": .string(finding.invariant), "text": .string(finding.text),
                ]
            })
        object["notTried"] = .array(untried.map { .string($0) })
        object["logVerified"] = .boolean(aftermath.isLogWhole)
        object["ledgerIsTheLogs"] = .boolean(aftermath.isLedgerTheLogs)
        object["furtherRunDidNothing"] = .boolean(aftermath.isRepeatable)
        object["fileSystem"] = fileSystem.map(describe)
        return .object(object)
    }

    private func number(_ value: Int) -> JSONValue { .number(String(value)) }

    private func sum(_ sum: Figures.Sum) -> JSONValue {
        ["rows": number(sum.rows), "amount": .string(Money.text(sum.centavos))]
    }

    private var kills: JSONValue {
        let points = count.atPoints.sorted { $0.key < $1.key }.map { ($0.key, number($0.value)) }
        return [
            "all": number(count.all), "atNamedMoments": .object(JSONObject(points)),
            "atRandomMoments": number(count.atMoments),
            "whileStarting": number(count.whileStarting),
            "ofTheProvider": number(count.providerKills),
            "livesWithoutProvider": number(count.providerAway),
            "livesThatEndedBefore": number(count.finished),
            "secondInstances": number(count.rivals),
        ]
    }

    private func counted(_ figures: Figures) -> JSONValue {
        let ends = figures.ends.sorted { $0.key < $1.key }.map { ($0.key, sum($0.value)) }
        return [
            "batches": number(figures.batches), "callbacks": number(figures.callbacks),
            "counterMessages": number(figures.counterMessages),
            "ordersAndTransfers": requestEnds(figures), "registered": number(figures.registered),
            "bookedAtCounters": number(figures.booked),
            "rowsIn": sum(figures.dropped), "payoutsTaken": sum(figures.taken),
            "ends": .object(JSONObject(ends)), "requests": number(figures.requests),
            "movedByProvider": sum(figures.moved), "answersLost": number(figures.unanswered),
            "interrupted": number(figures.interrupted), "questions": number(figures.questions),
            "events": number(figures.events), "responses": number(figures.responses),
        ]
    }

    private func requestEnds(_ figures: Figures) -> JSONValue {
        let actions = figures.requestEnds.sorted { $0.key < $1.key }.map { action, ends in
            let members = ends.sorted { $0.key < $1.key }.map { ($0.key, number($0.value)) }
            return (action, JSONValue.object(JSONObject(members)))
        }
        return .object(JSONObject(actions))
    }

    private func describe(_ facts: FileSystemFacts) -> JSONValue {
        [
            "kind": .string(facts.kind), "freeBytes": .number(String(facts.freeBytes)),
            "facts": .array(
                facts.facts.map { fact in
                    [
                        "name": .string(fact.name), "answer": .string(fact.answer.rawValue),
                        "remark": .string(fact.remark),
                    ]
                }),
        ]
    }
}
