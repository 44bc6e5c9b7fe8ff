import DurableFiles

/// A folder that a stranger checks offline: the exact events, a proof of each, the checkpoint, the
/// epoch certificates, log.json, the root key, a page to read and a script to check.
struct EvidenceExport {
    private let directory: String

    init(directory: String) { self.directory = directory }

    /// What the page and the text tell of.
    struct Content {
        var events: [Event] = []
        var checkpoint: SignedCheckpoint
        var rootKey: String
    }

    /// Returns the number of events. Every proof holds, and leads to the checkpoint's signature.
    func write(_ source: ExportSource, to folder: String) throws -> UInt64 {
        let layout = LogLayout(directory: directory)
        let proofs = try LogProofs(directory: directory)
        let checkpoint = try proofs.publishedCheckpoint()
        let description = try LogDescription.read(layout)
        var content = Content(checkpoint: checkpoint, rootKey: description.rootKey.text)
        var lines: [UInt8] = []
        try DurableFiles.makeFolder("\(folder)/proofs")
        try source.forEach(below: checkpoint.size) { line, event in
            guard content.events.count < LogExport.evidenceLimitEvents else {
                throw AuditLogError(
                    .refused,
                    "an evidence folder has at most \(LogExport.evidenceLimitEvents) events: "
                        + "narrow the conditions")
            }
            let proof = try proofs.inclusion(of: event.sequence, under: checkpoint)
            guard proof.holds(forLine: line) else {
                throw AuditLogError(.damaged, "event \(event.sequence) changed while being read")
            }
            let name = "proofs/\(LogLayout.name(event.sequence)).tlog-proof"
            try DurableFiles.writeUnsynced("\(folder)/\(name)", Array(proof.text.utf8))
            content.events.append(event)
            lines += line + [0x0A]
        }
        if content.events.isEmpty { throw ExportSource.nothing }
        let files: [(String, [UInt8])] = [
            ("events.jsonl", lines), ("checkpoint", Array(checkpoint.text.utf8)),
            ("epochs", try LogProofs.epochs(layout)),
            ("log.json", try readFile(layout.description)),
            ("root.vkey", Array((content.rootKey + "\n").utf8)),
            ("README.txt", Array(EvidenceText(content).text.utf8)),
            ("index.html", Array(EvidencePage(content).html.utf8)),
            ("check-evidence.py", Array(EvidenceScript.text.utf8)),
        ]
        for (name, bytes) in files { try DurableFiles.writeUnsynced("\(folder)/\(name)", bytes) }
        return UInt64(content.events.count)
    }
}

/// What the folder is and how it is checked, in plain words.
struct EvidenceText {
    private let content: EvidenceExport.Content

    init(_ content: EvidenceExport.Content) { self.content = content }

    static let command = "python3 check-evidence.py . --key ROOT_KEY"

    static let proves = [
        "The events are in the log, exactly these bytes, at these numbers.",
        "They were there when the log's checkpoint was signed, in one tree with all other events.",
    ]
    static let doesNotProve = [
        "That these are all events of their kind: a folder can leave events out.",
        "That what the events say is true; only that it was recorded then.",
        "That nobody who took the log's key since then signed another history with it: compare the "
            + "checkpoint with one kept elsewhere.",
        "Who signed, unless the root key comes from a source you trust. root.vkey is what this "
            + "folder says it is.",
    ]

    static let files = [
        ("events.jsonl", "the events, one a line, exactly as recorded"),
        ("proofs/", "for each event its proof (c2sp.org/tlog-proof)"),
        ("checkpoint", "the signed root over all events of the log (c2sp.org/tlog-checkpoint)"),
        ("epochs", "the certificates that lead from the root key to the key that signed"),
        ("log.json", "what the log says of itself; bound by event 0"),
        ("root.vkey", "the log's root verification key"),
        ("index.html", "the events for people"),
        ("check-evidence.py", "the check: 100 lines, Python 3.8 or newer, nothing else, offline"),
    ]

    var heading: String {
        let count = content.events.count
        return "\(count) event\(count == 1 ? "" : "s") of the log \(content.checkpoint.origin)"
    }

    var text: String {
        let list = Self.files.map { name, what in
            name + String(repeating: " ", count: max(1, 20 - name.count)) + what
        }
        let parts = [
            ["Evidence: \(heading), among \(content.checkpoint.size) signed together."],
            [
                "To check, offline:", "", "    \(Self.command)", "",
                "ROOT_KEY: the log's root verification key, from a source you trust; compare it",
                "with root.vkey. Exit code 0: proved; 2: something was altered.",
            ],
            ["Proved then:"] + Self.proves.map { "- \($0)" },
            ["Not proved:"] + Self.doesNotProve.map { "- \($0)" },
            ["Files:"] + list,
        ]
        return parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }
}
