// By hour or day: a chart for the eye, the same numbers as a table for everything else.
extension ReportPage {
    private static let width = 720
    private static let height = 190
    private static let plotTop = 10
    private static let plotBottom = 168
    private static let plotLeft = 52

    func byBucket(_ html: inout HTMLText) {
        html.element("h2", period.isDay ? "By hour" : "By day")
        if counting.events == 0 {
            html.element("p", "There is nothing to draw.")
            return
        }
        chart(&html)
        html.block("p", "class=\"note\"") { html in
            html.raw("<span class=\"key all\"></span>events &nbsp; ")
            html.raw("<span class=\"key fail\"></span>of them failures")
        }
        bucketTable(&html)
    }

    private func chart(_ html: inout HTMLText) {
        let top = Self.scaleTop(figures.buckets.map(\.events).max() ?? 0)
        let label = "Events by \(period.isDay ? "hour" : "day"); the table below has the numbers"
        html.raw(
            "<svg class=\"chart\" viewBox=\"0 0 \(Self.width) \(Self.height)\" role=\"img\" "
                + "aria-label=\"\(HTMLText.escaped(label))\">\n")
        for part in 0...4 where top % 4 == 0 || part % 4 == 0 {
            let value = top / 4 * UInt64(part) + (part == 4 ? top % 4 : 0)
            let y = Self.y(value, top)
            html.raw(
                "<line class=\"grid\" x1=\"\(Self.plotLeft)\" x2=\"\(Self.width)\" "
                    + "y1=\"\(y)\" y2=\"\(y)\"/>")
            html.raw(
                "<text x=\"\(Self.plotLeft - 8)\" y=\"\(y + 4)\" text-anchor=\"end\">"
                    + "\(ExactAmount.count(value))</text>\n")
        }
        for index in figures.buckets.indices { column(index, top, &html) }
        html.raw("</svg>\n")
    }

    private func column(_ index: Int, _ top: UInt64, _ html: inout HTMLText) {
        let bucket = figures.buckets[index]
        // Tenths of a unit, so that integers suffice.
        let step = (Self.width - Self.plotLeft) * 10 / figures.buckets.count
        let left = Self.plotLeft * 10 + step * index + step / 8
        let wide = step * 3 / 4
        for (kind, value) in [("all", bucket.events), ("fail", bucket.failures)] where value > 0 {
            let y = min(Self.y(value, top), Self.plotBottom - 1)
            html.raw(
                "<rect class=\"\(kind)\" x=\"\(Self.tenths(left))\" y=\"\(y)\" "
                    + "width=\"\(Self.tenths(wide))\" height=\"\(Self.plotBottom - y)\"/>")
        }
        let middle = left + wide / 2
        html.raw(
            "<text x=\"\(Self.tenths(middle))\" y=\"\(Self.height - 6)\" text-anchor=\"middle\">"
                + "\(period.buckets[index])</text>\n")
    }

    private static func y(_ value: UInt64, _ top: UInt64) -> Int {
        let plot = UInt64(plotBottom - plotTop)
        // A log's counts stay far below where this product could overflow.
        return plotBottom - (top == 0 ? 0 : Int(value * plot / top))
    }

    private static func tenths(_ value: Int) -> String { "\(value / 10).\(value % 10)" }

    /// The next of 4, 8, 20, 40, 80, 200 … that is not below the largest count.
    static func scaleTop(_ largest: UInt64) -> UInt64 {
        var scale: UInt64 = 1
        while true {
            for step in [4, 8, 20] as [UInt64] where step * scale >= largest { return step * scale }
            scale *= 10
        }
    }

    private func bucketTable(_ html: inout HTMLText) {
        let counts = profile.countsTransactions
        let largest = max(1, figures.buckets.map(\.events).max() ?? 1)
        html.block("table") { html in
            html.raw("<thead><tr>")
            html.element("th", period.isDay ? "Hour" : "Day", "scope=\"col\"")
            html.raw("<th class=\"b\" aria-hidden=\"true\"></th>")
            html.raw("<th scope=\"col\" class=\"n\">Events</th>")
            html.raw("<th scope=\"col\" class=\"n\">Failures</th>")
            if counts {
                html.raw("<th scope=\"col\" class=\"n\">Transactions</th>")
                html.element("th", "Amount in \(currency)", "scope=\"col\" class=\"n\"")
            }
            html.raw("</tr></thead>\n<tbody>\n")
            for (index, bucket) in figures.buckets.enumerated() {
                html.raw("<tr>")
                html.element("th", bucketName(index), "scope=\"row\" class=\"t\"")
                let percent = bucket.events * 100 / largest
                html.raw("<td class=\"b\" aria-hidden=\"true\">")
                if bucket.events > 0 {
                    html.raw("<span class=\"bar\" style=\"width:\(percent)%\"></span>")
                }
                html.raw("</td>")
                cell(bucket.events, &html)
                cell(bucket.failures, &html, "bad")
                if counts {
                    cell(bucket.transactions, &html)
                    amount(bucket, &html)
                }
                html.raw("</tr>\n")
            }
            html.raw("</tbody>\n")
            bucketFoot(counts, &html)
        }
    }

    private func bucketFoot(_ counts: Bool, _ html: inout HTMLText) {
        html.raw("<tfoot><tr><th scope=\"row\">All</th><td class=\"b\"></td>")
        html.element("td", ExactAmount.count(counting.events), "class=\"n\"")
        html.element("td", ExactAmount.count(counting.failureCount), "class=\"n\"")
        if counts {
            html.element("td", ExactAmount.count(figures.transactions.count), "class=\"n\"")
            html.element("td", money(figures.transactions.sum), "class=\"n\"")
        }
        html.raw("</tr></tfoot>\n")
    }

    private func bucketName(_ index: Int) -> String {
        let name = period.buckets[index]
        return period.isDay ? "\(name):00" : "\(period.text)-\(name)"
    }

    private func cell(_ value: UInt64, _ html: inout HTMLText, _ colour: String = "") {
        value == 0
            ? html.element("td", "–", "class=\"n none\"")
            : html.element("td", ExactAmount.count(value), "class=\"n \(colour)\"")
    }

    private func amount(_ bucket: BucketFigure, _ html: inout HTMLText) {
        bucket.transactions == 0
            ? html.element("td", "–", "class=\"n none\"")
            : html.element("td", money(bucket.sum), "class=\"n\"")
    }
}
