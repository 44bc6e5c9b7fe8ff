public import OrderedJSON

/// One thing that is not as it must be, and where.
public struct Finding: Sendable, Equatable {
    /// File, and byte or event within it.
    public var place: String
    /// What is wrong there.
    public var message: String
}

/// What a verification found, in plain words. A result, not an error: altered files end up here.
public struct VerificationReport: Sendable {
    /// Damage and alterations; empty when there is none.
    public internal(set) var findings: [Finding] = []
    /// Inconsistencies with the checkpoint given.
    public internal(set) var conflicts: [Finding] = []
    /// What was proved.
    public internal(set) var proved: [String] = []
    /// What was not, and why.
    public internal(set) var notProved: [String] = []
    /// Why the verification could not run, if it could not.
    public internal(set) var obstacle: String?
    /// Events read.
    public internal(set) var size: UInt64 = 0

    /// 0 intact, 1 could not run, 2 damaged or altered, 3 inconsistent with the given checkpoint.
    public var exitCode: Int32 {
        if obstacle != nil { return 1 }
        if !findings.isEmpty { return 2 }
        return conflicts.isEmpty ? 0 : 3
    }

    /// True when nothing was found amiss.
    public var isIntact: Bool { exitCode == 0 }

    mutating func find(_ place: String, _ message: String) {
        findings.append(Finding(place: place, message: message))
    }

    /// The report as JSON.
    public var json: JSONValue {
        func list(_ findings: [Finding]) -> JSONValue {
            .array(
                findings.map {
                    .object(["place": .string($0.place), "message": .string($0.message)])
                })
        }
        return .object([
            "intact": .boolean(isIntact), "exitCode": .number(String(exitCode)),
            "size": .number(String(size)), "findings": list(findings),
            "conflicts": list(conflicts), "proved": .array(proved.map { .string($0) }),
            "notProved": .array(notProved.map { .string($0) }),
            "obstacle": obstacle.map { .string($0) } ?? .null,
        ])
    }

    /// The report as lines for people.
    public var lines: [String] {
        var lines: [String] = []
        if let obstacle { lines.append("could not verify: \(obstacle)") }
        lines += (findings + conflicts).map { "finding: \($0.place): \($0.message)" }
        lines += proved.map { "proved: \($0)" }
        lines += notProved.map { "not proved: \($0)" }
        let verdicts: [Int32: String] = [
            0: "intact", 1: "not verified", 2: "DAMAGED OR ALTERED",
            3: "BEHIND OR INCONSISTENT WITH THE CHECKPOINT GIVEN",
        ]
        return lines + ["\(verdicts[exitCode] ?? ""): \(size) events"]
    }
}
