import DurableFiles
import Foundation
import Glibc
import Testing

@testable import BatchRunner

extension TemporarySite {
    /// Drops a file the way a program does that writes under the final name.
    func drop(_ name: String, _ text: String) throws {
        let descriptor = Glibc.open(
            site.resolve("inbox/\(name)"), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        let bytes = Array(text.utf8)
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
    }

    /// Puts something else at a name in the inbox: another file, whole at once.
    func replaceInInbox(_ name: String, _ text: String) throws {
        try drop(".new", text)
        try #require(rename(site.resolve("inbox/.new"), site.resolve("inbox/\(name)")) == 0)
    }

    func entries() throws -> [InboxEntry] { try InboxScanner(site: site).scan().entries }

    func entry(_ name: String, sender: String = "") throws -> InboxEntry {
        try #require(
            try entries().first { $0.name == RawName(name) && $0.sender == sender })
    }
}

extension Claims.Opening {
    var candidate: ClaimCandidate? {
        if case .copied(let candidate) = self { candidate } else { nil }
    }

    var word: String {
        switch self {
        case .copied: "copied"
        case .growing: "growing"
        case .vanished: "vanished"
        }
    }
}

/// What stopping at a step throws: the work ends there as in a crash.
let crash = SiteFault(.notMoved, "stopped by the test")

/// Whether leases can be taken here: not on every file system, nor by every user.
let hasLeases: Bool = {
    guard let temporary = try? TemporarySite(), (try? temporary.drop("probe", "x")) != nil,
        let inbox = try? OpenFolder(site: temporary.site.inbox),
        let original = try? OpenOriginal(RawName("probe"), in: inbox)
    else { return false }
    return original.answer == .held
}()
