import Foundation
import OrderedJSON

@testable import BatchRunner

/// A site's audit log and its keys as of one moment; nothing of the mark or the ledger.
struct SavedLog {
    private let folder: SiteFolder
    private let copies: [(original: String, copy: String)]

    init(_ folder: SiteFolder) throws {
        self.folder = folder
        let saved = folder.root + "/saved"
        copies = [(folder.audit, saved + "/audit"), (folder.keys, saved + "/keys")]
        try FileManager.default.createDirectory(
            atPath: saved, withIntermediateDirectories: true)
        for (original, copy) in copies {
            try FileManager.default.copyItem(atPath: original, toPath: copy)
        }
    }

    func putBack() throws {
        for (original, copy) in copies {
            try? FileManager.default.removeItem(atPath: original)
            try FileManager.default.copyItem(atPath: copy, toPath: original)
        }
    }
}

extension RunnerSite {
    /// Records the claim of a file nobody dropped.
    func claim(_ number: Int) async throws {
        let claim = FileClaim(
            fileID: "20261121-00000\(number)", sender: "", name: "\(number).csv",
            outputName: "\(number).csv", sha256: "aa", bytes: 1, sideSHA256: nil,
            identity: ["inode": 7])
        try await journal.record([claim.draft(journal.author)])
    }
}
