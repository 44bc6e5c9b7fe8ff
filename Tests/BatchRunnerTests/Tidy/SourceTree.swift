import Foundation
import Testing

/// One source file of the repository this test was compiled from.
struct SourceFile: Sendable {
    /// Below the root: `Sources/AuditLog/AuditLog.swift`.
    var path: String
    var lines: [String]
}

/// The repository, found through the place of this very file.
enum SourceTree {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The text of one file.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Every Swift file below `folder`.
    static func swiftFiles(_ folder: String) throws -> [SourceFile] {
        try paths(folder).filter { $0.hasSuffix(".swift") }.map { path in
            SourceFile(
                path: path,
                lines: try text(path).split(separator: "\n", omittingEmptySubsequences: false)
                    .map(String.init))
        }
    }

    /// Every path below `folder`, in order.
    static func paths(_ folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path())
            .sorted().map { folder + "/" + $0 }
    }
}
