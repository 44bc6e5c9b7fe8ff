import ArgumentParser
import AuditLog
import DurableFiles
import OrderedJSON

struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "Make a proof that an event is in the log.",
        discussion: """
            Prints a C2SP tlog-proof under the published checkpoint. Needs no key.
              auditlog prove 17 --output 17.tlog-proof
              auditlog prove --consistency 600    that the log of 600 events is its beginning
            An event that is not there, or not yet under the checkpoint: exit code 1.
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var keys: KeysOption
    @OptionGroup var access: AccessOption
    @OptionGroup var format: FormatOption
    @Argument(help: "Number of the event.")
    var sequence: UInt64?
    @Option(help: "Instead: a proof that the log began with the tree of this many events.")
    var consistency: UInt64?
    @Option(help: "Prove under the checkpoint in this file.")
    var checkpoint: String?
    @Option(help: "Write to this new file.")
    var output: String?

    func validate() throws {
        if (sequence == nil) == (consistency == nil) {
            throw ValidationError("either the number of an event or --consistency SIZE")
        }
    }

    func run() async throws {
        try access.record(
            "prove", log, keys,
            [
                ("event", sequence.map { "\($0)" }),
                ("consistency", consistency.map { "\($0)" }),
            ])
        let proofs = try LogProofs(directory: log.directory)
        let given = try checkpoint.map { try SignedCheckpoint(text: InputText.read($0)) }
        var json: JSONObject = [:]
        let text: String
        if let sequence {
            let proof = try proofs.inclusion(of: sequence, under: given)
            text = proof.text
            json["index"] = .number(String(sequence))
            json["size"] = .number(String(proof.checkpoint.size))
            json["event"] = .string(
                String(decoding: try proofs.line(sequence), as: UTF8.self))
        } else {
            let proof = try proofs.consistency(from: consistency ?? 0, under: given)
            text = proof.text
            json["from"] = .number(String(proof.size))
            json["size"] = .number(String(proof.checkpoint.size))
        }
        if let output { try DurableFiles.createOnce(output, Array(text.utf8), mode: 0o644) }
        json["proof"] = .string(text)
        if format.json {
            try Output.line(JSONValue.object(json).bytes())
        } else if output == nil {
            try Output.text(text)
        }
    }
}

struct CheckProofCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-proof", abstract: "Check a proof without the log.",
        discussion: """
            The key is the root key, kept elsewhere, or that of the epoch that signed. With the root
            key the log's file `epochs` is needed; it is looked for beside the proof, then in --log.
              auditlog check-proof 17.tlog-proof --event 17.json --key "$(cat root.vkey)"
              auditlog check-proof grown.txt --since kept.txt --key "$(cat root.vkey)"
            Exit codes: 0 proved, 2 altered, 3 the log contradicts the checkpoint kept.
            """)

    @OptionGroup var log: LogOption
    @OptionGroup var format: FormatOption
    @Argument(help: "The proof.")
    var proof: String
    @Option(help: "The event's line, exact, with or without its newline.")
    var event: String?
    @Option(help: "For a consistency proof: the checkpoint kept elsewhere.")
    var since: String?
    @Option(help: "The verification key.")
    var key: String
    @Option(help: "The log's epoch certificates.")
    var epochs: String?

    func validate() throws {
        if (event == nil) == (since == nil) {
            throw ValidationError("either --event FILE or --since CHECKPOINT")
        }
        if (try? VerificationKey(key)) == nil {
            throw ValidationError("--key: not a verification key (NAME+HASH+KEY)")
        }
    }

    func run() async throws {
        let check = ProofCheck(key: try VerificationKey(key), epochs: try certificates())
        let text = try InputText.read(proof)
        let verdict: ProofVerdict
        if let event {
            verdict = check.inclusion(text, event: try InputText.bytes(event))
        } else {
            let kept = try SignedCheckpoint(text: InputText.read(since ?? ""))
            verdict = check.consistency(text, kept: kept)
        }
        let lines = format.json ? [verdict.json.text()] : verdict.lines
        try Output.verdict(verdict.exitCode) {
            try Output.text(lines.map { $0 + "\n" }.joined())
        }
    }

    private func certificates() throws -> [UInt8] {
        if let epochs { return try InputText.bytes(epochs) }
        let folders = [DurableFiles.folder(of: proof), log.directory]
        for path in folders.map({ "\($0)/epochs" }) where DurableFiles.exists(path) {
            return try InputText.bytes(path)
        }
        return []
    }
}

/// Small files named on the command line; `-` is standard input.
enum InputText {
    /// The bytes of a file.
    static func bytes(_ path: String) throws(AuditLogError) -> [UInt8] {
        do throws(FileError) {
            return try DurableFiles.read(path == "-" ? "/dev/stdin" : path)
        } catch {
            throw AuditLogError(.file, "\(path) cannot be read", cause: error)
        }
    }

    /// The text of a file; bytes that are not UTF-8 can be no text of ours and fail later.
    static func read(_ path: String) throws(AuditLogError) -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }
}
