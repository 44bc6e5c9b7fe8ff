// Parties over the threshold of one banking day.
extension ReportPage {
    func covered(_ html: inout HTMLText) {
        guard profile.watchesParties, let threshold = profile.threshold else { return }
        let limit = "\(currency) \(money(Int128(threshold)))"
        html.element("h2", "Covered transactions")
        html.element("p", coveredRule(limit), "class=\"note\"")
        if figures.hasFurtherCovered {
            html.element(
                "p",
                "More parties are over the threshold than can be held at once: those found are shown, "
                    + "others are missing. Report a shorter period.", "class=\"bad\"")
        }
        if figures.covered.isEmpty {
            html.element(
                "p", "No party's total of a banking day is over \(limit).", "class=\"good\"")
            return
        }
        coveredTable(&html)
        for party in figures.covered { details(party, &html) }
    }

    private func coveredRule(_ limit: String) -> String {
        "Parties whose counted transactions of one banking day (a calendar day in Manila) add up to "
            + "more than \(limit); exactly that much is not over. A transaction that failed or was "
            + "cancelled afterwards still counts and is marked, as far as this period tells. A party is "
            + "shown by its keyed pseudonym, which is the same in every month."
    }

    private func coveredTable(_ html: inout HTMLText) {
        html.block("table", "class=\"stack\"") { html in
            html.raw("<thead><tr><th scope=\"col\">Banking day</th><th scope=\"col\">Party</th>")
            html.raw("<th scope=\"col\" class=\"n\">Transactions</th>")
            html.element("th", "Sum in \(currency)", "scope=\"col\" class=\"n\"")
            html.raw("</tr></thead>\n<tbody>\n")
            for party in figures.covered {
                html.raw("<tr>")
                html.element("td", party.day, "class=\"t\"")
                html.raw("<th scope=\"row\" class=\"w\">")
                html.element("span", party.party, "class=\"mono\"")
                if !party.label.isEmpty {
                    html.element("span", "  \(party.label)", "class=\"soft\"")
                }
                html.raw("</th>")
                html.element("td", ExactAmount.count(party.totals.count), "class=\"n\"")
                html.element("td", money(party.totals.sum), "class=\"n\"")
                html.raw("</tr>\n")
            }
            html.raw("</tbody>\n")
        }
        if figures.coveredCount > figures.covered.count {
            html.element(
                "p",
                "The \(figures.covered.count) largest of \(ExactAmount.count(figures.coveredCount)) are "
                    + "listed. A report of one day lists more.", "class=\"warn\"")
        }
    }

    private func details(_ party: CoveredFigure, _ html: inout HTMLText) {
        html.block("article", "class=\"party\"") { html in
            html.block("header") { html in
                html.element("h3", party.party, "class=\"mono\"")
                html.element("span", "\(currency) \(money(party.totals.sum))", "class=\"sum\"")
            }
            html.element("p", Self.summary(party, shortTime), "class=\"note\"")
            if party.totals.reversedCount > 0 { reversed(party, &html) }
            html.block("ul", "class=\"items\"") { html in
                for item in party.listed { self.item(item, &html) }
            }
            let left = party.totals.count - UInt64(party.listed.count)
            if left > 0 {
                html.element(
                    "p", "and \(ExactAmount.count(left)) more transactions:", "class=\"note\"")
                html.element(
                    "pre",
                    "auditlog search --log \(Self.quoted(report.options.shownDirectory)) "
                        + "--type \(profile.countTypes.first ?? "") --from \(party.day) "
                        + "--to \(party.day) \(Self.quoted(party.party))")
            }
        }
    }

    private static func summary(_ party: CoveredFigure, _ time: (String) -> String) -> String {
        let count = plural(party.totals.count, "transaction", "transactions")
        let label = party.label.isEmpty ? [] : [party.label]
        let times = "\(time(party.firstTime)) to \(time(party.lastTime))"
        return ([party.day] + label + [count, times]).joined(separator: " · ")
    }

    private func reversed(_ party: CoveredFigure, _ html: inout HTMLText) {
        let totals = party.totals
        let count = Self.plural(totals.reversedCount, "transaction", "transactions")
        html.element(
            "p",
            "Of these, \(count) of \(currency) \(money(totals.reversedSum)) failed or were cancelled "
                + "afterwards; \(currency) \(money(totals.sum - totals.reversedSum)) stand.",
            "class=\"note warn\"")
    }

    private func item(_ item: CoveredTransaction, _ html: inout HTMLText) {
        html.raw("<li>")
        html.element("span", item.name, "class=\"mono\"")
        if let type = item.reversedBy {
            let word = type.split(separator: ".").last.map(String.init) ?? type
            html.element("span", word, "class=\"tag warn\"")
        }
        html.element("span", money(Int128(item.amount)), "class=\"n\"")
        html.element("span", shortTime(item.time), "class=\"t\"")
        html.raw("</li>\n")
    }
}
