import DurableFiles
import Foundation
import Testing

@testable import BatchRunner

/// A prepared site in a folder of its own, gone when the test is over.
final class TemporarySite: Sendable {
    let site: SiteFolder

    init() throws {
        let root = FileManager.default.temporaryDirectory
            .appendingPathComponent("batchrunner-\(UUID().uuidString)").path
        try DurableFiles.makeFolder(root)
        site = SiteFolder(root: root)
        try site.prepare()
    }

    deinit { try? FileManager.default.removeItem(atPath: site.root) }

    /// Writes a file at a path relative to the root.
    func write(_ path: String, _ text: String, mode: UInt32 = 0o600) throws {
        let absolute = site.resolve(path)
        try DurableFiles.replace(absolute, Array(text.utf8), mode: mode)
        // Not left to the umask of whoever runs the tests.
        try #require(chmod(absolute, mode) == 0)
    }

    func text(_ path: String) throws -> String {
        String(decoding: try DurableFiles.read(site.resolve(path)), as: UTF8.self)
    }

    func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: site.resolve(path)).sorted()
    }

    func exists(_ path: String) -> Bool { DurableFiles.exists(site.resolve(path)) }
}
