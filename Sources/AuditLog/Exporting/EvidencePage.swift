import OrderedJSON

/// The events of an evidence folder as one HTML file: no scripts, nothing from a network, light and
/// dark, fit for printing.
struct EvidencePage {
    private let content: EvidenceExport.Content

    init(_ content: EvidenceExport.Content) { self.content = content }

    var html: String {
        let heading = Self.escape(EvidenceText(content).heading)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Evidence: \(heading)</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <main>
            <h1>Evidence: \(heading)</h1>
            <p>This page is for reading. It proves nothing by itself: the check below does.</p>
            \(facts)
            <h2>How to check</h2>
            <p>On any computer with Python 3, offline, in this folder:</p>
            <pre class="command">\(Self.escape(EvidenceText.command))</pre>
            <p>ROOT_KEY is the log’s root verification key, from a source you trust; it must be the
            one shown above. The words that come out say what is proved; the exit code is 0 when
            everything is, 2 when something was altered.</p>
            <div class="columns">
            <section><h2>Proved by the check</h2>\(Self.list(EvidenceText.proves))</section>
            <section><h2>Not proved</h2>\(Self.list(EvidenceText.doesNotProve))</section>
            </div>
            <h2>Events</h2>
            \(content.events.map(article).joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private var facts: String {
        let times = [content.events.first, content.events.last].compactMap { $0?.time }
        let facts = [
            ("Log", content.checkpoint.origin),
            ("Events here", "\(content.events.count), \(times.joined(separator: " to "))"),
            ("Signed together", "\(content.checkpoint.size) events"),
            ("Root of the tree", Base64.encode(content.checkpoint.root)),
            ("Root key", content.rootKey),
        ]
        let rows = facts.map { "<dt>\($0)</dt><dd>\(Self.escape($1))</dd>" }
        return "<dl>\n\(rows.joined(separator: "\n"))\n</dl>"
    }

    private func article(_ event: Event) -> String {
        let isFailure = event.outcome == .failure
        let parts = [("subject", event.subject), ("data", event.data)].filter {
            !$1.members.isEmpty
        }
        let details = parts.map { name, object in
            "<h4>\(name)</h4><pre>\(Self.escape(JSONValue.object(object).prettyText()))</pre>"
        }
        return """
            <article\(isFailure ? " class=\"failure\"" : "")>
            <h3><span class="number">\(event.sequence)</span> \(Self.escape(event.type)) \
            <span class="outcome">\(isFailure ? "✗ failure" : "✓ success")</span></h3>
            <p><time>\(Self.escape(event.time))</time> · by \(Self.escape(event.actor)) · from \
            \(Self.escape(event.origin))</p>
            \(details.joined(separator: "\n"))
            </article>
            """
    }

    private static func list(_ texts: [String]) -> String {
        "<ul>\(texts.map { "<li>\(escape($0))</li>" }.joined())</ul>"
    }

    /// Text as HTML shows it; characters that turn the direction of writing are made visible.
    static func escape(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{200E}", "\u{200F}":
                output += "[U+\(String(scalar.value, radix: 16, uppercase: true))]"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    private static let style = """
        :root { --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --ground: #fff; --box: #f6f8fa;
          --bad: #a40e26; --good: #116329; }
        @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9198a1;
          --line: #3d444d; --ground: #0d1117; --box: #151b23; --bad: #ff8182; --good: #56d364; } }
        body { margin: 0; background: var(--ground); color: var(--text);
          font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
        h3 { font-size: 1rem; margin: 0; } h4 { font-size: .8rem; margin: .5rem 0 0;
          color: var(--soft); font-weight: 600; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; }
        dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
        pre { margin: .2rem 0 0; padding: .5rem .75rem; background: var(--box);
          border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere;
          font: 13px/1.45 ui-monospace, monospace; }
        .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr));
          gap: 0 2rem; }
        ul { margin: .3rem 0; padding-left: 1.2rem; }
        article { border: 1px solid var(--line); border-left: 4px solid var(--good);
          border-radius: 6px; padding: .75rem 1rem; margin: .75rem 0; break-inside: avoid; }
        article.failure { border-left-color: var(--bad); }
        article p { margin: .2rem 0; color: var(--soft); overflow-wrap: anywhere; }
        .number { color: var(--soft); font-variant-numeric: tabular-nums; }
        .outcome { color: var(--good); font-weight: 400; font-size: .9rem; }
        .failure .outcome { color: var(--bad); }
        @media print { :root { --text: #000; --soft: #333; --line: #999; --ground: #fff;
          --box: #fff; --bad: #000; --good: #000; } main { max-width: none; padding: 0; }
          pre { border: 1px solid var(--line); } }
        """
}
