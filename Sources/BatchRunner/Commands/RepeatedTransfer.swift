import DurableFiles
import OrderedJSON
import SkyPay

/// Keeps an operator from moving money twice. Nothing at SkyPay names a transfer, so a call that is
/// repeated, after a crash or by mistake, cannot be told from one that is meant; it is therefore
/// refused while the same transfer is open or was made within a day, unless the operator says that
/// it is meant (`--again`).
///
/// Where a call lies moves one way: inbox → claimed, not judged → the ledger's rows. They are looked
/// at in that order, so that one on its way between two of them is found in the later.
struct RepeatedTransfer: Sendable {
    let folder: SiteFolder
    let ledger: Ledger?
    /// Unix seconds.
    let now: Int64

    /// How long after a transfer the same one must be confirmed, in seconds: one day.
    static let confirmedForSeconds: Int64 = 86_400

    /// - Throws: `CommandFailure` that says where the same transfer stands and what to do.
    func refuse(_ command: CallCommand) throws {
        guard command.action == SkyPayAction.balanceTransfer.rawValue else { return }
        if let name = try waiting(like: command) {
            throw CommandFailure(
                .rowsOpen,
                "the same transfer waits in inbox/\(name): the daemon or the next `batchrunner "
                    + "run` makes it; remove that file if it is not meant, or add --again to make "
                    + "another")
        }
        guard let ledger else { return }
        for file in try ledger.filesWithoutVerdict() where isSame(file, command) {
            throw CommandFailure(.rowsOpen, Self.open(file, "not judged"))
        }
        for row in try ledger.transfers(
            of: command.amount, since: now - Self.confirmedForSeconds)
        where try isSame(row, command, ledger) {
            guard let file = try ledger.file(row.key.fileID) else { continue }
            throw Self.refusal(row, file)
        }
    }

    private static func refusal(_ row: StoredRequest, _ file: StoredFile) -> CommandFailure {
        if row.record.state == .confirmed {
            return CommandFailure(
                .stoppedByLimit,
                "the same transfer was made within a day (file \(file.fileID), \(file.name)); add "
                    + "--again to make another")
        }
        return CommandFailure(.rowsOpen, open(file, row.record.state.rawValue))
    }

    private static func open(_ file: StoredFile, _ state: String) -> String {
        let next =
            state == RequestState.held.rawValue
            ? "SkyPay may have made it: look at its statements"
            : "the daemon or the next `batchrunner run` goes on with it"
        return "the same transfer is \(state) (file \(file.fileID), \(file.name)): \(next); add "
            + "--again only to make another"
    }

    private func waiting(like command: CallCommand) throws -> String? {
        guard DurableFiles.isFolder(folder.inbox) else { return nil }
        let scan = try InboxScanner(site: folder).scan()
        guard !scan.cutSenders.contains("") else {
            throw CommandFailure(
                .rowsOpen,
                "the inbox holds more files than are looked at at once; call again when fewer wait")
        }
        return scan.entries.first { entry in
            guard entry.sender.isEmpty, let name = entry.name.text else { return false }
            return isSame(name, at: folder.inbox + "/" + name, command)
        }?.name.text
    }

    private func isSame(_ file: StoredFile, _ command: CallCommand) -> Bool {
        isSame(file.name, at: folder.file(file.fileID), command)
    }

    /// Only calls: a batch that a system drops has its own id and is meant.
    private func isSame(_ name: String, at path: String, _ command: CallCommand) -> Bool {
        guard DroppedCall.isName(name, of: command.action),
            let bytes = try? DurableFiles.read(path, limit: DroppedCall.maxBytes),
            let row = DroppedCall.row(bytes)
        else { return false }
        return command.isFor(row)
    }

    /// A row whose fields cannot be read without writing (a gzip copy not yet inflated) counts as
    /// the same: its amount is.
    private func isSame(
        _ row: StoredRequest, _ command: CallCommand, _ ledger: Ledger
    ) throws -> Bool {
        guard let file = try ledger.file(row.key.fileID), let summary = file.summary else {
            return false
        }
        let store = FileStore(site: folder)
        guard store.hasPlainText(of: file) else { return true }
        let fields = try store.rows(of: file, summary).row(
            at: row.location, line: row.line, item: row.item
        ).fields
        return command.isFor(fields)
    }
}

extension CallCommand {
    /// True when a row says the same as this call.
    func isFor(_ fields: JSONObject) -> Bool {
        row.members.allSatisfy { fields[$0.name]?.scalarText == $0.value.scalarText }
    }

    /// The call's amount; nil where it has none, or none that can be read.
    var amount: Amount? { row["amount"]?.stringValue.flatMap { Amount(wire: $0) } }
}
