// What was proved, first of all.
extension AuditReport {
    /// The verdict in a word or two, also for the foot of printed pages.
    var verdictWord: String {
        switch verdict {
        case .verified: "Verified"
        case .unverified: "Not verified"
        case .altered: "Damaged or altered"
        case .inconsistent: "Inconsistent with the checkpoint"
        }
    }

    var verdictSentence: String {
        switch verdict {
        case .verified:
            "The whole log was verified before it was counted: its events are complete, in order and "
                + "unaltered under the checkpoint printed below."
        case .unverified:
            verification == nil
                ? "The log was not verified when this report was made. Verify it before relying on it."
                : "The log could not be verified. Do not rely on these figures before it is."
        case .altered:
            "The log is damaged or was altered. The figures are what could be read; they prove nothing."
        case .inconsistent:
            "The log contradicts the checkpoint it was compared with: it is older, or another one."
        }
    }
}

extension ReportPage {
    func verdict(_ html: inout HTMLText) {
        let colour: String
        let mark: String
        switch report.verdict {
        case .verified: (colour, mark) = ("good", "✓")
        case .unverified: (colour, mark) = ("warn", "!")
        case .altered, .inconsistent: (colour, mark) = ("bad", "✕")
        }
        html.block("section", "class=\"verdict \(colour)\" aria-label=\"Verdict\"") { html in
            html.element("p", "\(mark)  \(report.verdictWord)", "class=\"word\"")
            html.element("p", report.verdictSentence)
            if let problem = figures.problem { html.element("p", problem, "class=\"bad w\"") }
            if let verification = report.verification { lists(verification, &html) }
            if report.uncovered > 0 {
                let events = Self.plural(report.uncovered, "event", "events")
                html.element(
                    "p",
                    "\(events) of this period came after the checkpoint and will be proved by the next.",
                    "class=\"note\"")
            }
        }
    }

    private func lists(_ verification: VerificationReport, _ html: inout HTMLText) {
        let found = verification.findings + verification.conflicts
        if !found.isEmpty || verification.obstacle != nil {
            let obstacle = verification.obstacle.map { [$0] } ?? []
            let shown = found.prefix(ReportLimits.odd).map { "\($0.place): \($0.message)" }
            list("Found", obstacle + shown, &html)
            if found.count > shown.count {
                html.element(
                    "p", "and \(found.count - shown.count) more: auditlog verify", "class=\"note\"")
            }
        }
        html.block("div", "class=\"lists\"") { html in
            html.block("div") { list("Proved", verification.proved.map(named), &$0) }
            html.block("div") { list("Not proved", notProved(verification), &$0) }
        }
    }

    /// Unless one kept elsewhere was given, the verifier was given the log's own checkpoint: no proof
    /// that nothing later is missing.
    private func notProved(_ verification: VerificationReport) -> [String] {
        let own = "that nothing later was removed: no checkpoint kept elsewhere was given (--since)"
        return verification.notProved.map(named) + (report.options.since == nil ? [own] : [])
    }

    private func named(_ line: String) -> String {
        guard report.options.since == nil else { return line }
        return line.replacing("the checkpoint given", with: "the checkpoint printed below")
    }

    private func list(_ name: String, _ lines: [String], _ html: inout HTMLText) {
        if lines.isEmpty { return }
        html.element("h3", name)
        html.block("ul") { html in
            for line in lines { html.element("li", line, "class=\"w\"") }
        }
    }
}
