import AuditLog
import DurableFiles
import OrderedJSON
import SkyPay

/// Prepares and publishes everything that appears in the outbox.
///
/// bytes durable in staging → `response.prepared` durable (with hash and checkpoint) → outbox →
/// `response.published` → staging emptied. A crash between any two is mended by doing the next
/// step.
struct ResponseDesk: Sendable {
    let journal: Journal
    let store: FileStore
    let publisher: Publisher
    let planner: Planner
    let credentials: SkyPayCredentials
    let registrations: RegistrationSource

    /// Acknowledges what has its verdict, and publishes every response that is prepared: what a file
    /// needs at once. Results wait for `settle`, which looks through all batches without one.
    func acknowledge() async throws -> [OutboxConflict] {
        for file in try journal.ledger.filesToAcknowledge() { try await acknowledge(file) }
        return try await publish()
    }

    /// Prepares every response that is due and publishes every one that is prepared. Returns those
    /// that could not be published, with what stands in the way.
    @discardableResult
    func settle() async throws -> [OutboxConflict] {
        for file in try journal.ledger.filesToAcknowledge() { try await acknowledge(file) }
        for file in try journal.ledger.filesWithResultDue() {
            try await prepareDocument(file, .result)
        }
        for file in try journal.ledger.filesWithFinalDue() {
            try await prepareDocument(file, .final)
        }
        try await prepareCorrections()
        return try await publish()
    }

    /// Removes staged bytes that no promise needs: those of a response that was published before a
    /// crash, or was never promised. Once at start.
    func tidy() async throws {
        let needed = Set(try journal.ledger.responsesToPublish().map(\.stagedName))
        for name in try OpenFolder(site: publisher.staging).names(limit: .max) {
            guard let text = name.text, !needed.contains(text) else { continue }
            try publisher.forget(staged: text)
        }
    }

    private func publish() async throws -> [OutboxConflict] {
        var conflicts: [OutboxConflict] = []
        for response in try journal.ledger.responsesToPublish() {
            do {
                try publisher.publish(response)
            } catch let conflict as OutboxConflict {
                conflicts.append(conflict)
                continue
            }
            try await journal.record(
                .responsePublished, subject: ["file": .string(response.fileID)],
                data: ["name": .string(response.name), "sha256": .string(response.sha256)])
            try publisher.forget(response)
        }
        return conflicts
    }

    private func acknowledge(_ file: StoredFile) async throws {
        try? DurableFiles.remove(
            store.site.outbox + "/" + file.responseName(".status.json"))
        if let answer = try answer(to: file) { return try await prepareAnswer(file, answer) }
        if file.details["rejectedRows"]?.booleanValue == true {
            try await prepareRejectedRows(file)
        }
        let checkpoint = try await journal.checkpoint()
        let document = Acknowledgement(file: file, checkpoint: checkpoint)
        try await prepare(file, .acknowledgement, ".ack.json", checkpoint) {
            try $0.write(document.bytes())
        }
    }

    /// `NAME.response.json` and, when the callback came encrypted, `NAME.response.txt`.
    private func prepareAnswer(_ file: StoredFile, _ answer: CallbackBytes) async throws {
        if let sealed = answer.sealed {
            try await prepare(file, .answerText, ".response.txt", nil) { try $0.write(sealed) }
        }
        try await prepare(file, .answer, ".response.json", nil) {
            try $0.write(answer.json + [0x0A])
        }
    }

    /// The answer to a callback, in the key it came with; nil for what is no answered callback.
    func answer(to file: StoredFile) throws -> CallbackBytes? {
        guard let answer = file.details["response"] else { return nil }
        let json = try whole(answer, file).bytes()
        guard file.details["encrypted"]?.booleanValue == true else {
            return CallbackBytes(json: json, sealed: nil)
        }
        let isOld = file.details["previousKey"]?.booleanValue == true
        let key = (isOld ? credentials.previousPasswordKey : nil) ?? credentials.passwordKey
        return CallbackBytes(json: json, sealed: Array(Envelope(passwordKey: key).seal(json).utf8))
    }

    /// The answer to a successful inquiry says what is registered; the log has the rest of it only.
    /// The private copy does not change, so the answer is the same however often it is made.
    private func whole(_ answer: JSONValue, _ file: StoredFile) throws -> JSONValue {
        guard let note = CounterNote(file.details), note.fact == .inquired,
            let base = answer.objectValue
        else { return answer }
        guard let registration = try journal.ledger.registration(note.row) else {
            throw InvariantViolation("file \(file.fileID): answered about no registration")
        }
        return .object(try registrations.answer(base, to: registration))
    }

    private func prepareRejectedRows(_ file: StoredFile) async throws {
        guard let summary = file.summary else { return }
        let rows = try store.rows(of: file, summary)
        let blank = RejectedRowsWriter(summary: summary, rows: rows)
        try await prepare(file, .rejectedRows, ".rejected.\(blank.fileExtension)", nil) { staged in
            var writer = blank
            try forEachRejectedRow(of: file) { row in
                try writer.add(row) { try staged.write($0) }
            }
            try writer.end { try staged.write($0) }
        }
    }

    /// Planned again: the same rows under the same ledger, this file's own left out.
    private func forEachRejectedRow(
        of file: StoredFile, _ body: (RejectedRow) throws -> Void
    ) throws {
        let text = try store.text(of: file)
        _ = try journal.ledger.withLookup(exceptIn: file.fileID) { usedBefore in
            try planner.asJudged(file).plan(text, usedBefore: usedBefore) { row in
                guard !row.faults.isEmpty else { return }
                try body(
                    RejectedRow(location: row.location, line: row.line, faults: row.faults))
            }
        }
    }

    private func prepareDocument(
        _ file: StoredFile, _ stage: ResultDocument.Stage
    ) async throws {
        guard let summary = file.summary, let family = file.action.flatMap(ActionFamily.of) else {
            throw InvariantViolation("file \(file.fileID): its verdict has no summary")
        }
        let rows = try store.rows(of: file, summary)
        guard family.isRequest else {
            let document = ResultDocument(file: file, stage: stage, ledger: journal.ledger) {
                try rows.row(at: $0.location, line: $0.line, item: $0.item).fields
            }
            return try await prepare(
                file, stage, table: document.writeTable, document: document.write)
        }
        let document = RequestDocument(
            file: file, stage: stage, ledger: journal.ledger,
            answers: AnswerReader(folder: store.site.answers)
        ) { try rows.row(at: $0.location, line: $0.line, item: $0.item).fields }
        if family == .barCode, stage == .result { try await prepareBarCodes(file, document) }
        try await prepare(file, stage, table: document.writeTable, document: document.write)
    }

    /// The table first: only the JSON form marks the file done, and the table comes out the same if
    /// a crash makes us write it again.
    private func prepare(
        _ file: StoredFile, _ stage: ResultDocument.Stage,
        table: (StagedFile) throws -> Void,
        document: (StagedFile, SignedCheckpoint) throws -> Void
    ) async throws {
        let name = stage == .result ? ".result" : ".final"
        try await prepare(
            file, stage == .result ? .resultTable : .finalTable, name + ".csv", nil, table)
        let checkpoint = try await journal.checkpoint()
        try await prepare(
            file, stage == .result ? .result : .final, name + ".json", checkpoint
        ) { try document($0, checkpoint) }
    }

    /// `NAME.barcodes/` with an SVG and a PNG for each bar code that can be drawn; none where no
    /// row has one.
    private func prepareBarCodes(_ file: StoredFile, _ document: RequestDocument) async throws {
        let staged =
            publisher.staging + "/"
            + PreparedResponse.stagedName(fileID: file.fileID, kind: .barCodes)
        DurableFiles.removeTree(staged)
        // Two rows may have come to the same reference, and then share its pictures.
        var drawn: Set<String> = []
        try StagedFolder.make(staged) { add in
            try document.forEachRow { row in
                guard let answer = row.answer else { return }
                let barCode = try BarCodeFile(
                    row, try document.answers.object(answer), journal.ledger)
                guard let images = barCode.images, drawn.insert(barCode.name).inserted else {
                    return
                }
                try add(barCode.name + ".svg", Array(images.svg().utf8))
                try add(barCode.name + ".png", images.png())
            }
        }
        guard !drawn.isEmpty else { return DurableFiles.removeTree(staged) }
        let (sha256, bytes) = try StagedFolder.digest(staged)
        let response = PreparedResponse(
            fileID: file.fileID, kind: .barCodes, name: file.responseName(".barcodes"),
            sha256: sha256, bytes: bytes)
        try await journal.record([response.draft(journal.author)])
    }

    func prepare(
        _ file: StoredFile, _ kind: ResponseKind, _ suffix: String,
        _ checkpoint: SignedCheckpoint?, correction: CorrectionScope? = nil,
        _ write: (StagedFile) throws -> Void
    ) async throws {
        let staged = try StagedFile(
            path: publisher.staging + "/"
                + PreparedResponse.stagedName(
                    fileID: file.fileID, kind: kind, number: correction?.number))
        try write(staged)
        let (sha256, bytes) = try staged.finish()
        let response = PreparedResponse(
            fileID: file.fileID, kind: kind, name: file.responseName(suffix), sha256: sha256,
            bytes: bytes, checkpoint: checkpoint?.text, correction: correction)
        try await journal.record([response.draft(journal.author)])
    }
}

/// The answer to a callback: JSON, and SkyPay's encrypted text when the callback came so.
struct CallbackBytes: Sendable {
    var json: [UInt8]
    var sealed: [UInt8]?
}

extension StoredFile {
    /// The path of one of its responses, below the outbox.
    func responseName(_ suffix: String) -> String {
        (sender.isEmpty ? "" : sender + "/") + outputName + suffix
    }
}
