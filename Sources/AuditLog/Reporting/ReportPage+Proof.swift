// The log's own history, and how anyone can check this report.
extension ReportPage {
    func history(_ html: inout HTMLText) {
        html.element("h2", "History of the log")
        html.element(
            "p",
            "What the log recorded of itself, and every silence of an hour or more.",
            "class=\"note\"")
        let entries = counting.timeline.entries
        if entries.isEmpty {
            html.element("p", "Nothing in this period.")
            return
        }
        html.block("table", "class=\"stack\"") { html in
            html.raw("<thead><tr>")
            for name in ["Time", "Event", "What"] { html.element("th", name, "scope=\"col\"") }
            html.raw("</tr></thead>\n<tbody>\n")
            for entry in entries { row(entry, &html) }
            html.raw("</tbody>\n")
        }
        if counting.timeline.left > 0 {
            html.element(
                "p", "and \(ExactAmount.count(counting.timeline.left)) more, mostly routine:",
                "class=\"note\"")
            html.element("pre", command("--type auditlog."))
        }
    }

    private func row(_ entry: TimelineFigure, _ html: inout HTMLText) {
        let colour =
            switch entry.kind {
            case .gap: " class=\"gap\""
            case .trouble: " class=\"trouble\""
            case .routine, .notable: ""
            }
        html.raw("<tr\(colour)>")
        html.element("td", shortTime(entry.time), "class=\"t i\"")
        html.element("td", entry.kind == .gap ? "gap" : String(entry.sequence), "class=\"t i\"")
        html.element("td", entry.text, "class=\"w\"")
        html.raw("</tr>\n")
    }

    func proof(_ html: inout HTMLText) {
        let identity = report.identity
        html.element("h2", "Checkpoint and verification")
        if let checkpoint = identity.checkpoint {
            html.element(
                "p",
                "This checkpoint is the signed head of the log over its first "
                    + "\(ExactAmount.count(checkpoint.size)) events. Keep this page: together with the "
                    + "log it proves later that none of them was changed or removed.")
            html.element("pre", checkpoint.text, "class=\"hash\"")
        } else {
            html.element("p", "The log's checkpoint cannot be read.", "class=\"bad\"")
        }
        html.element("h3", "Root key")
        html.element(
            "p",
            "As log.json names it. It must be the one that was kept elsewhere when the log was made; "
                + "a key that is only read here proves nothing.")
        html.element("pre", identity.rootKey, "class=\"hash\"")
        if let certificate = identity.certificate, let epoch = identity.epoch {
            html.element("h3", "Certificate of epoch \(epoch)")
            html.element("p", "It names the key the checkpoint is signed with.")
            html.element("pre", certificate, "class=\"hash\"")
        }
        commands(&html)
    }

    private func commands(_ html: inout HTMLText) {
        let log = "--log \(Self.quoted(report.options.shownDirectory))"
        let key = "--key \(Self.quoted(report.identity.rootKey))"
        let kind = period.isDay ? "--day" : "--month"
        html.element("h3", "How to verify")
        html.element(
            "p",
            "Save the checkpoint above, with its empty line and the newline at its end, as "
                + "checkpoint.txt. Verify the log against it and the root key:")
        html.element("pre", "auditlog verify \(log) \(key) --since checkpoint.txt")
        html.element("p", "Make the figures of this page again:")
        html.element("pre", "auditlog report \(log) \(kind) \(period.text) --json")
        html.element("p", "Look at one event by its number:")
        let number = counting.firstEvent.map { String($0.sequence) } ?? "0"
        html.element("pre", "auditlog show \(log) \(number)")
    }

    func closing(_ html: inout HTMLText) {
        html.element(
            "footer",
            "\(report.verdictWord). Made \(moment(report.made)) +08:00 from the log "
                + "\(report.identity.origin). Amounts are exact; nothing on this page was loaded from "
                + "elsewhere.", "class=\"end\"")
    }
}
