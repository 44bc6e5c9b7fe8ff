import DurableFiles
import OrderedJSON
import SkyPay

/// The ledger on disk: `ledger.jsonl`, one event a line, appended and synced before any answer
/// that depends on it. Owned by the sandbox's actor.
final class LedgerFile {
    /// Bytes of a ledger at most.
    static let maxBytes = 1024 * 1024 * 1024

    private let file: AppendFile
    private let lock: FolderLock
    private var synced: Int64

    /// Opens or makes the ledger in a folder. A last line without its newline was never
    /// acknowledged; it is cut off.
    init(
        folder: String, openingBalance: Amount, _ take: (LedgerEvent) -> Void
    ) throws(SandboxError) {
        do {
            try DurableFiles.makeFolder(folder)
            guard let lock = try FolderLock(path: folder + "/lock") else {
                throw SandboxError(
                    code: .ledger, message: "another sandbox uses \(folder); stop it first")
            }
            self.lock = lock
            let path = folder + "/ledger.jsonl"
            let isNew = !DurableFiles.exists(path)
            file = try AppendFile(path: path, createMode: isNew ? DurableFiles.fileMode : nil)
            let bytes = isNew ? [] : try DurableFiles.read(path, limit: Self.maxBytes)
            let whole = (bytes.lastIndex(of: 0x0A) ?? -1) + 1
            if whole < bytes.count {
                try file.truncate(to: Int64(whole))
                try file.sync()
            }
            synced = file.length
            try Self.replay(bytes[..<whole], take)
            if whole == 0 {
                try append(.opened(balance: openingBalance))
                take(.opened(balance: openingBalance))
                try sync()
            }
        } catch let error as SandboxError {
            throw error
        } catch {
            throw SandboxError(code: .ledger, message: "the ledger cannot be opened: \(error)")
        }
    }

    private static func replay(
        _ bytes: ArraySlice<UInt8>, _ take: (LedgerEvent) -> Void
    ) throws(SandboxError) {
        for (number, line) in bytes.split(separator: 0x0A).enumerated() {
            guard let value = try? JSONValue(parsing: Array(line)),
                let event = LedgerEvent(value)
            else {
                throw SandboxError(
                    code: .ledger,
                    message: "line \(number + 1) of the ledger is damaged; start with a new folder")
            }
            take(event)
        }
    }

    /// Where the file ends; pass to `sync(upTo:)`.
    var length: Int64 { file.length }

    func append(_ event: LedgerEvent) throws(FileError) {
        try file.append(event.json.bytes() + [0x0A])
    }

    /// Makes everything durable; nothing to do when a later caller already did.
    func sync(upTo mark: Int64? = nil) throws(FileError) {
        if let mark, synced >= mark { return }
        let length = file.length
        try file.sync()
        synced = length
    }
}
