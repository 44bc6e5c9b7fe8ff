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

    /// Every Swift file below `folder`.
    static func swiftFiles(_ folder: String) throws -> [SourceFile] {
        try paths(folder).filter { $0.hasSuffix(".swift") }.map { path in
            let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
            return SourceFile(
                path: path,
                lines: text.split(separator: "\n", omittingEmptySubsequences: false)
                    .map(String.init))
        }
    }

    /// Every path below `folder`, in order.
    static func paths(_ folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path())
            .sorted().map { folder + "/" + $0 }
    }
}
