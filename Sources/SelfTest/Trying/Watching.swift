import AuditLog
import DurableFiles
import OrderedJSON

/// Follows the audit log while it is written: to know when everything is settled, not to judge.
final class LogFollower {
    private let folder: String
    private(set) var story = RecordedStory()
    private(set) var events: [RecordedEvent] = []
    private(set) var next: UInt64 = 0
    /// Events that are more than another question: what is open is asked about for ever.
    private(set) var news = 0

    private static let questions: Set<String> = ["payout.queried", "batch.request-queried"]

    init(_ folder: String) { self.folder = folder }

    /// Bytes of all segments: growth is progress.
    var length: Int64 {
        let segments = folder + "/segments"
        return Listing.names(segments).reduce(0) { $0 + Listing.length(segments + "/" + $1) }
    }

    /// Takes in what has been written since.
    /// - Throws: `SelfTestError` when it cannot be read.
    func read() throws(SelfTestError) {
        guard DurableFiles.exists(folder + "/checkpoint") else { return }
        do {
            try AuditReader(directory: folder).forEach(from: next) { event in
                let event = RecordedEvent(event)
                story.take(event)
                events.append(event)
                if !Self.questions.contains(event.type) { news += 1 }
                next = event.sequence + 1
            }
        } catch {
            throw SelfTestError("the audit log cannot be read: \(error)")
        }
    }
}

/// Remembers each response as it was when it was first seen: none may ever change.
struct OutboxWatch {
    let folder: String
    private(set) var firstSeen: [String: String] = [:]

    init(_ folder: String) { self.folder = folder }

    /// Waiting reasons are replaced as they change; everything else is an answer.
    static func isResponse(_ name: String) -> Bool { !name.hasSuffix(".status.json") }

    /// Looks at what is new.
    mutating func look() {
        for name in Listing.files(folder) where Self.isResponse(name) && firstSeen[name] == nil {
            if let bytes = Listing.bytes(folder + "/" + name) {
                firstSeen[name] = SHA256Text.of(bytes)
            }
        }
    }
}
