import Foundation
import Glibc

/// One system call on one file of a site that fails and does nothing, by strace(1).
struct DiskFault: Sendable, Hashable, CustomStringConvertible {
    /// The system call's name.
    var call: String
    /// Below the site; empty for the site's own folder.
    var path: String
    /// Which of a thread's calls on this file, from 1.
    var occurrence: Int
    /// `EIO`, `ENOSPC`, `EDQUOT`.
    var error: String

    var description: String { "\(error) at \(call) no. \(occurrence) of <site>\(path)" }

    /// Calls that bring bytes or names to the disk, or take them from there.
    static let calls = [
        "write", "pwrite64", "fsync", "fdatasync", "sync_file_range", "rename", "renameat",
        "renameat2", "ftruncate", "fallocate", "mkdir", "mkdirat", "link", "linkat", "unlink",
        "unlinkat",
    ]
    static let errors = ["EIO", "ENOSPC", "EDQUOT"]

    /// Words before a program that let this happen to it and write a line for it into `trace`.
    func words(root: String, trace: String) -> [String] {
        // With paths, strace counts and spoils the calls on this file alone.
        Self.names(of: root).flatMap { ["-P", $0 + path] }
            + Self.quiet(trace) + [
                "-e", "trace=\(call)", "-e", "inject=\(call):error=\(error):when=\(occurrence)",
            ]
    }

    /// Words before a program whose calls are written down.
    static func recording(trace: String) -> [String] {
        // `?`: not every machine has every call.
        quiet(trace) + ["-e", "trace=" + calls.map { "?" + $0 }.joined(separator: ",")]
    }

    private static func quiet(_ trace: String) -> [String] {
        // The filter in the kernel lets every other call pass without a stop.
        ["--seccomp-bpf", "-f", "-y", "-o", trace]
    }

    /// A folder as it is named in arguments, and as the kernel names what is open in it.
    private static func names(of root: String) -> [String] {
        let real = URL(fileURLWithPath: root).resolvingSymlinksInPath().path
        return real == root ? [root] : [root, real]
    }

    /// Every call on a file of the site that a recorded run made, with every error, in their order.
    static func all(trace: String, root: String) -> [DiskFault] {
        var counts: [String: Int] = [:]
        var known: Set<DiskFault> = []
        var faults: [DiskFault] = []
        for line in trace.split(separator: "\n") {
            // `PID call(…`; what is only resumed was counted when it began.
            guard let open = line.firstIndex(of: "("), !line.contains("resumed>") else { continue }
            let words = line[..<open].split(separator: " ").map(String.init)
            guard words.count == 2, let path = path(in: line[open...], below: root) else {
                continue
            }
            let place = "\(words[0]) \(words[1]) \(path)"
            counts[place, default: 0] += 1
            for error in errors {
                let fault = DiskFault(
                    call: words[1], path: path, occurrence: counts[place] ?? 1, error: error)
                // Several threads may make the same call on the same file.
                if known.insert(fault).inserted { faults.append(fault) }
            }
        }
        return faults
    }

    /// The first file of the site that a call names, as a descriptor or in quotes.
    private static func path(in arguments: Substring, below root: String) -> String? {
        for name in names(of: root) {
            var rest = arguments
            while let found = rest.range(of: name) {
                rest = rest[found.upperBound...]
                let end = rest.firstIndex { ">\"".contains($0) } ?? rest.endIndex
                let path = String(rest[..<end])
                // Not a folder whose name only begins so.
                if path.isEmpty || path.hasPrefix("/") { return path }
            }
        }
        return nil
    }
}

/// The programs of others that disk faults need.
enum Tracing {
    /// strace with a filter in the kernel; nil when it is not there or may not trace.
    static let strace: String? = {
        guard let path = find("strace"),
            succeeds(path, ["--seccomp-bpf", "-f", "-o", "/dev/null", "/bin/true"])
        else { return nil }
        return path
    }()

    /// Words that keep a program on one processor, so that its threads share its work the same way
    /// each time; none where it cannot be asked for.
    static func onProcessor(_ place: Int) -> [String] {
        guard let taskset, !processors.isEmpty else { return [] }
        return [taskset, "-c", String(processors[place % processors.count])]
    }

    private static let taskset = find("taskset")

    /// Those this process may use (`0-3,6`).
    private static let processors: [Int] = {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
        let list = line?.split(separator: "\t").last ?? ""
        return list.split(separator: ",").flatMap { part -> [Int] in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return [] }
            return Array(first...last)
        }
    }()

    private static func find(_ name: String) -> String? {
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return folders.split(separator: ":").map { "\($0)/\(name)" }
            .first { access($0, X_OK) == 0 }
    }

    private static func succeeds(_ program: String, _ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
