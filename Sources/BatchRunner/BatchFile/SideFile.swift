internal import OrderedJSON

/// Header and trailer of a plain CSV or JSON Lines file, beside it as `NAME.ctl`.
struct SideFile {
    /// What it states.
    let header: BatchHeader

    /// Reads a side file.
    /// - Throws: `ReadStop`, when it is not whole or not right.
    init(_ bytes: [UInt8], of name: String, limits: BatchLimits) throws {
        let sideName = "\(name).ctl"
        guard bytes.count <= limits.maxSideFileBytes else {
            throw ReadStop.fault(
                FaultCode.tooLarge,
                "\(sideName) is larger than \(limits.maxSideFileBytes >> 10) KiB")
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: Self.withoutMark(bytes))
        } catch {
            guard error.kind != .incomplete else {
                throw ReadStop.incomplete("\(sideName) is not whole yet")
            }
            throw ReadStop.fault(
                error.kind == .duplicateKey ? FaultCode.duplicateField : FaultCode.syntax,
                "\(sideName), line \(error.line), column \(error.column): \(error.message)")
        }
        guard let object = value.objectValue else {
            throw ReadStop.fault(
                FaultCode.syntax,
                "\(sideName) must be one JSON object with batch, action, mode, count, amount")
        }
        var draft = HeaderDraft()
        draft.source = "\(sideName): "
        for member in object.members {
            let allowed = HeaderDraft.sideKeys
            guard draft.begin(member.name, allowed: allowed, line: nil, column: nil) else {
                continue
            }
            draft.set(member.name, member.value, line: nil, column: nil)
        }
        draft.checkOpening(line: nil)
        draft.checkClosing(line: nil)
        try draft.throwFaults()
        header = draft.header
    }

    private static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }
}

/// How the rows of a file compare with its side file when the file ends.
struct SideAgreement {
    let side: BatchHeader
    let sideName: String
    let contentSHA256: String

    /// Whether the side file proves the content byte for byte.
    var isProvenByDigest: Bool { side.sha256 == contentSHA256 }

    /// Stops at once when there are more rows, or more money, than more rows could mend.
    func checkNotPast(_ totals: ControlTotals, line: Int) throws {
        guard totals.rows > side.count else { return }
        throw ReadStop.fault(
            FaultCode.afterEnd,
            "the file has more rows than the \(side.count) that \(sideName) states: "
                + "make both anew", line: line)
    }

    /// Judges the end of the file. `canGrow` says whether bytes could follow without a new row.
    func checkEnd(_ totals: ControlTotals, canGrow: Bool) throws {
        try totals.checkRows()
        let isOver = side.amount.map { totals.total > $0 } ?? false
        if totals.rows < side.count, !isOver, !isProvenByDigest {
            throw ReadStop.incomplete(
                "\(totals.rows) of the \(side.count) rows that \(sideName) states have arrived")
        }
        try totals.checkAgreement(with: side)
        guard let stated = side.sha256, stated != contentSHA256 else { return }
        guard !canGrow else {
            throw ReadStop.incomplete("the content is not yet the one whose sha256 is stated")
        }
        throw ReadStop.fault(
            FaultCode.sha256,
            "the content's SHA-256 is not the one that \(sideName) states: the file was changed "
                + "after it was made; drop both again", field: "sha256")
    }
}
