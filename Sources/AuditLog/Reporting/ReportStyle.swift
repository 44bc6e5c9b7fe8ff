/// The page's style sheet: inline, without fonts or pictures from elsewhere. Light and dark on
/// screens, always light on paper; A4 with running titles.
enum ReportStyle {
    static func text(header: String, footer: String) -> String {
        sheet + """
            @media print {
            @page { size: A4; margin: 19mm 16mm 18mm;
            @top-left { content: \(HTMLText.styleString(header)); \(running) }
            @bottom-left { content: \(HTMLText.styleString(footer)); \(running) }
            @bottom-right { content: "Page " counter(page) " of " counter(pages); \(running) } }
            }

            """
    }

    private static let running =
        "font: 7.5pt system-ui, sans-serif; color: #5c6570; font-variant-numeric: tabular-nums;"

    private static let sheet = colours + page + tables + parts + narrow + paper

    private static let colours = """
        :root { color-scheme: light dark;
        --paper: #fff; --ink: #1a2027; --soft: #5a646f; --line: #dde2e7; --hair: #eef1f4;
        --panel: #f6f8fa; --accent: #2f5d8a; --bar: #7f9dbb; --good: #1d6b45; --good-panel: #eef7f1;
        --bad: #a32a21; --bad-panel: #fcf0ee; --warn: #835800; --warn-panel: #fdf6e6; }
        @media screen and (prefers-color-scheme: dark) { :root {
        --paper: #14181d; --ink: #e6e9ed; --soft: #9aa5b1; --line: #313942; --hair: #232a31;
        --panel: #1b2127; --accent: #8fb8e0; --bar: #5b7fa3; --good: #7dcca0; --good-panel: #16261d;
        --bad: #f0968c; --bad-panel: #2d1a18; --warn: #e3bd6b; --warn-panel: #292212; } }

        """

    private static let page = """
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0; background: var(--paper); color: var(--ink);
        font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial,
        "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums lining-nums; }
        main { max-width: 62rem; margin: 0 auto; padding: 2.75rem 1.5rem 3rem; }
        h1, h2, h3 { line-height: 1.2; font-weight: 650; letter-spacing: -.011em; margin: 0; }
        h1 { font-size: 2rem; letter-spacing: -.02em; }
        h2 { font-size: 1.22rem; margin: 3rem 0 .35rem; padding-top: .85rem;
        border-top: 2px solid var(--ink); }
        h3 { font-size: .95rem; margin: 1.5rem 0 .4rem; }
        p { margin: .4rem 0; max-width: 46rem; }
        .soft, .note { color: var(--soft); }
        .note { font-size: .86rem; }
        .mono, code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas,
        "Liberation Mono", monospace; font-size: .86em; }
        pre { background: var(--panel); border: 1px solid var(--line); border-radius: 4px;
        padding: .7rem .9rem; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.45;
        margin: .5rem 0 1rem; }
        .eyebrow { font-size: .74rem; font-weight: 650; letter-spacing: .1em;
        text-transform: uppercase; color: var(--accent); margin: 0 0 .3rem; }
        .period { font-size: 1.22rem; color: var(--soft); margin: .15rem 0 1.3rem; }
        .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr));
        gap: .2rem 2rem; margin: 0 0 1.4rem; font-size: .89rem; }
        .facts div { display: flex; gap: .8rem; border-top: 1px solid var(--hair);
        padding: .28rem 0; }
        dt { color: var(--soft); flex: 0 0 5.2rem; } dd { margin: 0; overflow-wrap: anywhere; }

        """

    private static let tables = """
        table { border-collapse: collapse; width: 100%; font-size: .88rem; margin: .5rem 0 .3rem; }
        caption { text-align: left; color: var(--soft); font-size: .86rem; padding: 1rem 0 .3rem; }
        th, td { text-align: left; vertical-align: top; padding: .34rem .9rem .34rem 0;
        border-bottom: 1px solid var(--hair); }
        thead th { font-size: .74rem; font-weight: 600; color: var(--soft); letter-spacing: .02em;
        border-bottom: 1px solid var(--line); vertical-align: bottom; white-space: nowrap; }
        tbody th { font-weight: 500; }
        tfoot th, tfoot td { border-top: 1px solid var(--ink); border-bottom: 0; font-weight: 650; }
        th:last-child, td:last-child { padding-right: 0; }
        .n { text-align: right; white-space: nowrap; }
        .t { white-space: nowrap; color: var(--soft); }
        .w { overflow-wrap: anywhere; }
        .none { color: var(--soft); opacity: .65; }
        .bad { color: var(--bad); } .warn { color: var(--warn); } .good { color: var(--good); }
        .scroll { overflow-x: auto; }
        .tag { display: inline-block; font-size: .7rem; line-height: 1.25; font-weight: 600; padding: .05rem .42rem;
        border-radius: 3px; border: 1px solid currentColor; white-space: nowrap; }

        """

    private static let parts = """
        .verdict { border: 1px solid var(--line); border-left-width: 5px; border-radius: 4px;
        padding: .95rem 1.2rem 1rem; }
        .verdict.good { border-color: var(--good); background: var(--good-panel); }
        .verdict.warn { border-color: var(--warn); background: var(--warn-panel); }
        .verdict.bad { border-color: var(--bad); background: var(--bad-panel); }
        .verdict > p { color: var(--ink); }
        .verdict .word { font-size: 1.2rem; font-weight: 650; color: inherit; margin: 0; }
        .verdict .lists { display: grid; grid-template-columns: 1fr 1fr; gap: .2rem 2rem;
        color: var(--ink); font-size: .87rem; }
        .verdict h3 { margin: .6rem 0 .15rem; font-size: .8rem; }
        .verdict ul { margin: 0; padding-left: 1.05rem; } .verdict li { margin: .12rem 0; }
        .tiles { display: flex; flex-wrap: wrap; gap: 0; margin: 1.5rem 0 0; border: 1px solid var(--line); border-radius: 4px;
        overflow: hidden; }
        .tile { flex: 1 1 auto; min-width: 8.5rem; padding: .75rem 1rem .8rem; box-shadow: 1px 0 0 var(--line), 0 1px 0 var(--line); }
        .tile .label { font-size: .78rem; color: var(--soft); }
        .tile .value { font-size: 1.4rem; font-weight: 620; letter-spacing: -.015em;
        white-space: nowrap; }
        .tile .unit { font-size: .78rem; font-weight: 500; color: var(--soft);
        letter-spacing: 0; }
        svg.chart { display: block; width: 100%; height: auto; margin: .7rem 0 .4rem; }
        .chart .all { fill: var(--bar); } .chart .fail { fill: var(--bad); }
        .chart .grid { stroke: var(--line); stroke-width: 1; }
        .chart text { fill: var(--soft); font-size: 11px; font-family: inherit; }
        .key { display: inline-block; width: .7rem; height: .7rem; border-radius: 2px;
        margin: 0 .3rem 0 .1rem; vertical-align: -.05rem; }
        .key.all { background: var(--bar); } .key.fail { background: var(--bad); }
        .bar { display: none; }
        tr.gap td { color: var(--warn); } tr.trouble td { color: var(--bad); }
        .party { border: 1px solid var(--line); border-radius: 4px; margin: 1rem 0;
        padding: .8rem 1.1rem .9rem; }
        .party header { display: flex; flex-wrap: wrap; gap: .2rem 1.5rem;
        justify-content: space-between; align-items: baseline; }
        .party h3 { margin: 0; font-size: .95rem; overflow-wrap: anywhere; }
        .party .sum { font-size: 1.15rem; font-weight: 650; white-space: nowrap; }
        ul.items { list-style: none; margin: .6rem 0 0; padding: .5rem 0 0; columns: 2;
        column-gap: 2.2rem; font-size: .84rem; border-top: 1px solid var(--hair); }
        ul.items li { display: flex; gap: .7rem; padding: .1rem 0; break-inside: avoid; }
        ul.items .mono { flex: 1 1 9.5rem; min-width: 8.5rem; overflow-wrap: anywhere; }
        ul.items .tag { align-self: center; }
        .hash { overflow-wrap: anywhere; }
        footer.end { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--line);
        font-size: .82rem; color: var(--soft); }

        """

    private static let narrow = """
        @media screen and (max-width: 40rem) {
        main { padding: 1.4rem 1rem 2rem; } h1 { font-size: 1.6rem; }
        .verdict .lists { grid-template-columns: 1fr; }
        .tile { min-width: 45%; } .tile .value { font-size: 1.15rem; }
        ul.items { columns: 1; }
        svg.chart { display: none; }
        .bar { display: block; height: .55rem; margin-top: .4rem; min-width: 1px;
        background: var(--bar); border-radius: 2px; }
        th.b, td.b { width: 34%; }
        table.stack thead { position: absolute; left: -9999px; }
        table.stack tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
        table.stack td, table.stack th { display: block; border: 0; padding: .05rem 0;
        white-space: normal; text-align: left; overflow-wrap: anywhere; }
        table.stack .i { display: inline-block; margin-right: .8rem; }
        th, td { padding-right: .6rem; } }
        @media screen and (min-width: 40.01rem) { th.b, td.b { display: none; } }
        @media print { th.b, td.b { display: none; } }

        """

    private static let paper = """
        @media print {
        html { color-scheme: light; font-size: 12.2px; } body { font-size: 1rem; line-height: 1.42; }
        main { max-width: none; padding: 0; } a { color: inherit; text-decoration: none; }
        * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        h2 { margin-top: 7mm; padding-top: 2.5mm; } th, td { padding-top: .24rem; padding-bottom: .24rem; }
        .mono, code, pre { font-size: .92em; }
        h2, h3, caption { break-after: avoid; }
        tr, .tile, .verdict, .facts div, ul.items li { break-inside: avoid; }
        thead { display: table-header-group; } tfoot { display: table-row-group; }
        .scroll { overflow: visible; } p, li { orphans: 3; widows: 3; }
        .party header, .party p { break-inside: avoid; break-after: avoid; }
        svg.chart { break-inside: avoid; max-height: 62mm; } pre { break-inside: avoid; } }

        """
}
