/// The report as one HTML page, in the order people need it: verdict, failures, figures, hours,
/// history, covered transactions, proof.
struct ReportPage {
    let report: AuditReport

    var period: ReportPeriod { report.period }
    var profile: ReportProfile { report.profile }
    var figures: ReportFigures { report.figures }
    var counting: ReportCounting { report.figures.counting }
    var currency: String { profile.currency ?? "" }

    var title: String { profile.title ?? "Audit log" }

    var text: String {
        var html = HTMLText()
        html.raw("<!DOCTYPE html>\n<html lang=\"en\">\n")
        head(&html)
        html.block("body") { html in
            html.block("main") { html in
                opening(&html)
                verdict(&html)
                tiles(&html)
                failures(&html)
                counts(&html)
                byBucket(&html)
                history(&html)
                covered(&html)
                proof(&html)
                closing(&html)
            }
        }
        html.raw("</html>\n")
        return html.text
    }

    private func head(_ html: inout HTMLText) {
        let name = "\(title), \(period.title)"
        html.block("head") { html in
            html.raw("<meta charset=\"utf-8\">\n")
            // Even if something slipped through the escaping, nothing would run or be fetched.
            html.raw(
                "<meta http-equiv=\"Content-Security-Policy\" "
                    + "content=\"default-src 'none'; style-src 'unsafe-inline'; "
                    + "base-uri 'none'; form-action 'none'\">\n")
            html.raw(
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    + "<meta name=\"referrer\" content=\"no-referrer\">\n")
            html.element("title", name)
            html.raw("\n<style>\n")
            html.raw(
                ReportStyle.text(
                    header: "\(name)  \u{00B7}  \(report.identity.origin)",
                    footer: "\(report.verdictWord)  \u{00B7}  made \(moment(report.made))"))
            html.raw("</style>\n")
        }
    }

    private func opening(_ html: inout HTMLText) {
        html.block("header") { html in
            html.element("p", "Audit log report", "class=\"eyebrow\"")
            html.element("h1", title)
            html.element("p", period.title, "class=\"period\"")
            html.block("dl", "class=\"facts\"") { html in
                fact("Log", report.identity.origin, &html)
                fact("Period", "\(moment(period.first)) to \(moment(period.last))", &html)
                fact("Time zone", "Manila, +08:00", &html)
                fact("Made", "\(moment(report.made)) +08:00", &html)
                if let first = counting.firstEvent, let last = counting.lastEvent {
                    fact("Events", "\(first.sequence) to \(last.sequence)", &html)
                }
                fact("Log made", moment(report.identity.created), &html)
            }
        }
    }

    private func fact(_ name: String, _ value: String, _ html: inout HTMLText) {
        html.raw("<div>")
        html.element("dt", name)
        html.element("dd", value)
        html.raw("</div>\n")
    }

    private func tiles(_ html: inout HTMLText) {
        html.block("section", "class=\"tiles\" aria-label=\"Key figures\"") { html in
            tile("Events", ExactAmount.count(counting.events), "", &html)
            tile(
                "Failures", ExactAmount.count(counting.failureCount), "", &html,
                counting.failureCount > 0 ? "bad" : "")
            if profile.countsTransactions {
                tile("Transactions", ExactAmount.count(figures.transactions.count), "", &html)
                tile("Amount", money(figures.transactions.sum), currency, &html)
            }
            if profile.watchesParties {
                let further = figures.hasFurtherCovered ? "more than " : ""
                tile(
                    "Covered parties", further + ExactAmount.count(figures.coveredCount), "", &html)
            }
        }
        if counting.events == 0 {
            html.element(
                "p", "No event was recorded in this period. The report covers it all the same.")
        }
        for range in figures.removed {
            html.element(
                "p",
                "Events \(range.lowerBound) to \(range.upperBound) of this period were removed after "
                    + "their retention time; the figures are without them.", "class=\"warn\"")
        }
    }

    private func tile(
        _ label: String, _ value: String, _ unit: String, _ html: inout HTMLText,
        _ colour: String = ""
    ) {
        html.block("div", "class=\"tile\"") { html in
            html.element("div", label, "class=\"label\"")
            html.raw("<div class=\"value \(colour)\">")
            if !unit.isEmpty { html.element("span", unit + " ", "class=\"unit\"") }
            html.add(value)
            html.raw("</div>")
        }
    }

    // MARK: words

    /// With thousands separators and the currency's decimals.
    func money(_ value: Int128) -> String {
        ExactAmount.grouped(value, decimals: profile.decimals)
    }

    /// `2026-11-21 12:34:56`
    func moment(_ time: String) -> String {
        "\(time.prefix(10)) \(time.dropFirst(11).prefix(8))"
    }

    /// Within the period: without the day when there is only one.
    func shortTime(_ time: String) -> String {
        period.isDay ? String(time.dropFirst(11).prefix(8)) : moment(time)
    }

    static func plural(_ count: some BinaryInteger, _ one: String, _ many: String) -> String {
        "\(ExactAmount.count(count)) \(count == 1 ? one : many)"
    }

    /// The command that lists the rest of something.
    func command(_ words: String) -> String {
        "auditlog search --log \(Self.quoted(report.options.shownDirectory)) "
            + "--from \(period.text) --to \(period.text) \(words)"
    }

    /// One word for a shell.
    static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x5F: true
                default: false
                }
            }
        if isPlain { return word }
        // By scalars: a mark behind a quotation mark would make another character of it, and what
        // follows a command of its own.
        var inner = ""
        for scalar in word.unicodeScalars {
            if scalar == "'" { inner += "'\\'" }
            inner.unicodeScalars.append(scalar)
        }
        return "'\(inner)'"
    }
}
