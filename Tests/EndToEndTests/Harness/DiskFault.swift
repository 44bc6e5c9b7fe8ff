import Foundation
import Glibc

/// One system call on one file of a site that fails once, by strace(1).
struct DiskFault: Sendable, CustomStringConvertible {
    var call: String
    /// Below the site.
    var path: String
    /// Which of a thread's calls on this file, from 1.
    var occurrence: Int
    /// `EIO`, `ENOSPC`, `EDQUOT`.
    var error: String

    var description: String { "\(error) at \(call) no. \(occurrence) of \(path)" }

    /// Calls that bring bytes or names to the disk.
    static let calls = [
        "write", "pwrite64", "fsync", "fdatasync", "syncfs", "rename", "renameat", "renameat2",
    ]
    static let errors = ["EIO", "ENOSPC", "EDQUOT"]

    /// Where strace is; nil when it is not there or may not trace.
    static let strace: String? = {
        let variable = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
        let candidates = variable.split(separator: ":").map { "\($0)/strace" }
        guard let path = candidates.first(where: { access($0, X_OK) == 0 }) else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-f", "-o", "/dev/null", "/bin/true"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? path : nil
    }()

    /// Words before a program that let this happen to it; the trace goes to `trace`.
    func words(root: String, trace: String) -> [String] {
        // With paths, strace counts and spoils the calls on this file alone.
        Self.names(of: root).flatMap { ["-P", $0 + path] } + [
            "-f", "-y", "-o", trace, "-e", "trace=\(call)", "-e",
            "inject=\(call):error=\(error):when=\(occurrence)",
        ]
    }

    /// A folder as it is named in arguments, and as the kernel names what is open in it.
    private static func names(of root: String) -> [String] {
        let real = URL(fileURLWithPath: root).resolvingSymlinksInPath().path
        return real == root ? [root] : [root, real]
    }

    /// Words before a program whose calls are written down.
    static func recording(trace: String) -> [String] {
        ["-f", "-y", "-o", trace, "-e", "trace=\(calls.joined(separator: ","))"]
    }

    /// Every call on a file of the site that a recorded run made, with every error.
    static func all(trace: String, root: String) -> [DiskFault] {
        var counts: [String: Int] = [:]
        var faults: [DiskFault] = []
        for line in trace.split(separator: "\n") {
            guard let open = line.firstIndex(of: "("), !line.contains("resumed>") else { continue }
            let words = line[..<open].split(separator: " ").map(String.init)
            guard words.count == 2, let path = path(in: line[open...], below: root) else {
                continue
            }
            let key = words[0] + " " + words[1] + " " + path
            counts[key, default: 0] += 1
            // Several threads may make the same call on the same file.
            let isKnown = faults.contains {
                $0.call == words[1] && $0.path == path && $0.occurrence == counts[key]
            }
            if isKnown { continue }
            for error in errors {
                faults.append(
                    DiskFault(
                        call: words[1], path: path, occurrence: counts[key] ?? 1, error: error))
            }
        }
        return faults
    }

    /// The first file of the site that a call names, as a descriptor or in quotes.
    private static func path(in arguments: Substring, below root: String) -> String? {
        guard let start = names(of: root).compactMap({ arguments.range(of: $0 + "/") }).first else {
            return nil
        }
        let rest = arguments[start.upperBound...]
        let end = rest.firstIndex { ">\"".contains($0) } ?? rest.endIndex
        return "/" + rest[..<end]
    }
}
