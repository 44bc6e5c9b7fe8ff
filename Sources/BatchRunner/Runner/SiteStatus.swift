import DurableFiles
import Glibc
import Logging
import OrderedJSON
import SkyPay

/// `state/status.json`: what a running daemon says of itself. Written when it listens, removed when
/// it ends; one that `kill -9` left is told from a true one by the locks, which die with their
/// process.
struct SiteStatus: Sendable {
    let path: String

    /// What is told.
    struct Contents: Sendable {
        var url: String
        var port: Int
        var tls: Bool

        static func listening(at settings: ListenSettings, port: Int) -> Contents {
            Contents(url: settings.address(port: port), port: port, tls: settings.tls != nil)
        }
    }

    /// Bytes of the file, at most.
    static let maxBytes = 4_096

    /// Writes the file and tells the daemon's log. Where it cannot be written the listener works all
    /// the same.
    func write(_ contents: Contents, _ logger: Logger) {
        let document: JSONValue = [
            "pid": .number(String(getpid())),
            "callbacks": [
                "url": .string(contents.url), "port": .number(String(contents.port)),
                "tls": .boolean(contents.tls),
            ],
        ]
        do throws(FileError) {
            try DurableFiles.replace(path, Array(document.prettyText().utf8))
        } catch {
            logger.warning("\(path) cannot be written: \(error)")
        }
        logger.notice("listening for callbacks at \(contents.url)")
    }

    func remove() { try? DurableFiles.remove(path) }

    /// Where a daemon listens now; nil when none does.
    /// - Parameter locks: what a daemon holds while it runs.
    func callbacks(locks: [String]) -> JSONValue? {
        guard locks.allSatisfy(FolderLock.isHeld(path:)),
            let bytes = try? DurableFiles.read(path, limit: Self.maxBytes),
            let document = try? JSONValue(parsing: bytes)
        else { return nil }
        return document["callbacks"]
    }
}
