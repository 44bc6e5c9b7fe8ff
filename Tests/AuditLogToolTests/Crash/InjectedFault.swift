import Foundation
import Glibc

/// A fault put into one system call of the tool by strace(1).
struct InjectedFault: Sendable, CustomStringConvertible {
    enum Kind: String, Sendable, CaseIterable {
        case inputOutput = "error=EIO"
        case diskFull = "error=ENOSPC"
        case kill = "signal=KILL"
    }

    var call: String
    var kind: Kind
    /// Which of a thread's calls, from 1.
    var occurrence: Int

    var description: String { "\(call) no. \(occurrence) with \(kind.rawValue)" }

    /// Calls that change what is on disk, or bring it there.
    static let calls = [
        "openat", "write", "pwrite64", "fdatasync", "fsync", "rename", "renameat", "renameat2",
        "ftruncate", "unlink", "unlinkat", "mkdir", "mkdirat", "fchmod", "chmod", "fchmodat",
        "link", "linkat", "fallocate", "copy_file_range",
    ]
    /// Those that a full disk can fail.
    static let fillingCalls = [
        "openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat2", "mkdir",
        "fallocate", "copy_file_range",
    ]

    /// True when strace is there and may trace.
    static let isPossible: Bool = {
        guard let strace = Tool.find("strace"), let scratch = try? Scratch() else { return false }
        return (try? scratch.run([strace, "-o", "/dev/null", "/bin/true"]))?.code == 0
    }()

    private static let strace = Tool.find("strace") ?? "strace"

    /// Words that run a program with this fault; the trace goes to `trace`.
    func words(_ program: [String], trace: String) -> [String] {
        [
            Self.strace, "-f", "-y", "-o", trace, "-e", "trace=\(call)", "-e",
            "inject=\(call):\(kind.rawValue):when=\(occurrence)",
        ] + program
    }

    /// Words that run a program for which no opening of this file succeeds, on whatever thread.
    static func unreadable(_ path: String, _ program: [String], trace: String) -> [String] {
        [
            strace, "-f", "-o", trace, "-P", path, "-e", "trace=openat", "-e",
            "inject=openat:\(Kind.inputOutput.rawValue)",
        ] + program
    }

    /// Words that only record the calls there are.
    static func recording(_ program: [String], trace: String) -> [String] {
        [strace, "-f", "-y", "-o", trace, "-e", "trace=\(calls.joined(separator: ","))"] + program
    }

    /// The faults that meet what a recorded run did to the log or its keys.
    /// - Parameter places: what a call's line must show one of.
    static func all(
        from trace: String, touching places: [String] = ["/audit", "/state"]
    ) throws -> [InjectedFault] {
        var counts: [String: Int] = [:]
        var met: [String: Set<Int>] = [:]
        for line in String(decoding: try Scratch.bytes(trace), as: UTF8.self).split(separator: "\n")
        {
            // `PID call(…`; what is only resumed was counted when it began.
            guard let open = line.firstIndex(of: "("), !line.contains("resumed>") else { continue }
            let words = line[..<open].split(separator: " ")
            guard words.count == 2 else { continue }
            let thread = "\(words[0]) \(words[1])"
            counts[thread, default: 0] += 1
            if places.contains(where: { line.contains($0) }) {
                met[String(words[1]), default: []].insert(counts[thread] ?? 0)
            }
        }
        return met.sorted { $0.key < $1.key }.flatMap { call, occurrences in
            occurrences.sorted().flatMap { occurrence in
                Kind.allCases.filter { $0 != .diskFull || fillingCalls.contains(call) }
                    .map { InjectedFault(call: call, kind: $0, occurrence: occurrence) }
            }
        }
    }
}
