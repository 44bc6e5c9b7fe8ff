// Failures first, then everything by type, outcome and amount.
extension ReportPage {
    func failures(_ html: inout HTMLText) {
        html.element("h2", "Failures")
        if counting.failureCount == 0 {
            html.element("p", "No event of this period tells of a failure.", "class=\"good\"")
            return
        }
        html.block("table") { html in
            html.raw("<thead><tr><th scope=\"col\">Type</th>")
            html.raw("<th scope=\"col\" class=\"n\">Failures</th></tr></thead>\n<tbody>\n")
            for figure in counting.failingTypes {
                html.raw("<tr>")
                html.element("th", figure.type, "scope=\"row\" class=\"w\"")
                html.element("td", ExactAmount.count(figure.events), "class=\"n bad\"")
                html.raw("</tr>\n")
            }
            html.raw("</tbody>\n")
        }
        failureTable(&html)
        let left = counting.failureCount - UInt64(counting.failures.count)
        if left > 0 {
            let all = ExactAmount.count(counting.failureCount)
            html.element(
                "p", "The first \(counting.failures.count) of \(all) are listed. All of them:",
                "class=\"note\"")
            html.element("pre", command("'\"outcome\":\"failure\"'"))
        }
    }

    private func failureTable(_ html: inout HTMLText) {
        html.block("table", "class=\"stack\"") { html in
            html.element("caption", "In the order of the log; times are Manila time.")
            let columns = ["Event", "Time", "Type", "Subject", "Reason"]
            html.raw("<thead><tr>")
            for column in columns { html.element("th", column, "scope=\"col\"") }
            html.raw("</tr></thead>\n<tbody>\n")
            for failure in counting.failures {
                html.raw("<tr>")
                html.element("td", String(failure.sequence), "class=\"t i\"")
                html.element("td", shortTime(failure.time), "class=\"t i\"")
                html.element("td", failure.type, "class=\"bad w i\"")
                html.element("td", failure.subject, "class=\"w\"")
                html.element("td", failure.reason, "class=\"w\"")
                html.raw("</tr>\n")
            }
            html.raw("</tbody>\n")
        }
    }

    func counts(_ html: inout HTMLText) {
        html.element("h2", "Events and amounts")
        if counting.events == 0 {
            html.element("p", "There are none.")
            return
        }
        let withMoney = profile.amount != nil
        html.block("table") { html in
            html.raw("<thead><tr><th scope=\"col\">Type</th><th scope=\"col\">Outcome</th>")
            html.raw("<th scope=\"col\" class=\"n\">Events</th>")
            if withMoney {
                html.element("th", "Amount in \(currency)", "scope=\"col\" class=\"n\"")
            }
            html.raw("</tr></thead>\n<tbody>\n")
            for figure in counting.types { row(figure, withMoney, &html) }
            html.raw("</tbody>\n<tfoot><tr><th scope=\"row\">All</th><td></td>")
            html.element("td", ExactAmount.count(counting.events), "class=\"n\"")
            if withMoney { html.raw("<td></td>") }
            html.raw("</tr></tfoot>\n")
        }
        if withMoney {
            html.element(
                "p",
                "Amounts are of the events of a type: one payment appears in several rows (intended, "
                    + "accepted, paid), so the rows are not added up.", "class=\"note\"")
        }
        transactions(&html)
        oddValues(&html)
    }

    private func row(_ figure: TypeFigure, _ withMoney: Bool, _ html: inout HTMLText) {
        html.raw("<tr>")
        html.element("th", figure.type, "scope=\"row\" class=\"w\"")
        html.element(
            "td", figure.isFailure ? "failure" : "success", figure.isFailure ? "class=\"bad\"" : "")
        html.element("td", ExactAmount.count(figure.events), "class=\"n\"")
        if withMoney {
            figure.amounts == 0
                ? html.element("td", "–", "class=\"n none\"")
                : html.element("td", money(figure.sum), "class=\"n\"")
        }
        html.raw("</tr>\n")
    }

    private func transactions(_ html: inout HTMLText) {
        guard profile.countsTransactions else { return }
        let totals = figures.transactions
        html.element("h3", "Transactions")
        html.block("table") { html in
            html.raw("<thead><tr><th scope=\"col\">What</th>")
            html.raw("<th scope=\"col\" class=\"n\">Transactions</th>")
            html.element("th", "Amount in \(currency)", "scope=\"col\" class=\"n\"")
            html.raw("</tr></thead>\n<tbody>\n")
            sum("Counted", totals.count, totals.sum, &html)
            if !profile.reverseTypes.isEmpty {
                sum(
                    "of these, failed or cancelled within the period", totals.reversedCount,
                    totals.reversedSum, &html)
                sum(
                    "standing", totals.count - totals.reversedCount,
                    totals.sum - totals.reversedSum, &html)
            }
            for (name, figure) in counting.currencies.sorted(by: { $0.key < $1.key }) {
                sum("amounts in \(name), not counted", figure.events, figure.sum, &html)
            }
            html.raw("</tbody>\n")
        }
        html.element("p", countingRule, "class=\"note\"")
    }

    private func sum(
        _ name: String, _ count: UInt64, _ sum: Int128, _ html: inout HTMLText
    ) {
        html.raw("<tr>")
        html.element("th", name, "scope=\"row\"")
        html.element("td", ExactAmount.count(count), "class=\"n\"")
        html.element("td", money(sum), "class=\"n\"")
        html.raw("</tr>\n")
    }

    private var countingRule: String {
        let types = profile.countTypes.joined(separator: ", ")
        let repeats = figures.transactions.repeats
        let again =
            repeats == 0
            ? "" : " \(Self.plural(repeats, "further event", "further events")) added nothing."
        return "A transaction (\(profile.transaction?.text ?? "")) counts once, at its first "
            + "\(types) of the period, whatever becomes of it later.\(again)"
    }

    private func oddValues(_ html: inout HTMLText) {
        if figures.oddCount == 0 { return }
        html.element("h3", "Values that could not be added")
        html.block("ul") { html in
            for odd in figures.odd {
                html.element("li", "event \(odd.sequence): \(odd.message)", "class=\"w warn\"")
            }
        }
        let left = figures.oddCount - UInt64(figures.odd.count)
        if left > 0 { html.element("p", "and \(ExactAmount.count(left)) more.", "class=\"note\"") }
    }
}
