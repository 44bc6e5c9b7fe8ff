import DurableFiles
import Glibc
import Testing

@testable import AuditLog

/// The fuzzers' rules without their compiler options: seeds, the kept corpus, and small changes of
/// both. `AUDITLOG_FUZZ_RUNS` is how many changes of each input.
@Suite("Fuzz replay")
struct FuzzReplayTests {
    private static let runs =
        getenv("AUDITLOG_FUZZ_RUNS").flatMap { Int(String(cString: $0)) } ?? 40

    @Test(
        "Every reader takes only what it would write, whatever comes",
        arguments: FuzzSubject.allCases)
    func replay(_ subject: FuzzSubject) throws {
        let inputs = try FuzzSeeds.make(subject) + Self.corpus(subject)
        var random = SystemRandomNumberGenerator()
        for input in inputs {
            #expect(try subject.violation(input) == nil, "\(input)")
            for _ in 0..<Self.runs {
                let script = (0..<Int.random(in: 1...3)).flatMap { _ in
                    (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }
                }
                let changed = EditScript(script).apply(to: input)
                #expect(try subject.violation(changed) == nil, "\(changed)")
            }
        }
    }

    /// `Fuzz/corpus/SUBJECT`, one input a file.
    private static func corpus(_ subject: FuzzSubject) throws -> [[UInt8]] {
        let folder = "\(repository)/Fuzz/corpus/\(subject.rawValue)"
        return try LogLayout.names(in: folder).map { try DurableFiles.read("\(folder)/\($0)") }
    }

    private static let repository: String = {
        // The package may reach its tests by a link.
        let path = realpath(#filePath, nil)
        defer { free(path) }
        let file = path.map { String(cString: $0) } ?? #filePath
        return file.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    }()

    @Test("A member cut between its last block and its trailer is mended, wherever the block ends")
    func cutBeforeTrailer() throws {
        // A final stored block ends on a byte, as a compressed one does now and then.
        for seed in try FuzzSeeds.make(.segment) {
            for length in 0...seed.count {
                #expect(try FuzzSubject.segment.violation(Array(seed[..<length])) == nil)
            }
        }
    }

    @Test(
        "What lies behind a whole member is not mistaken for it",
        arguments: [[0], [0x1F, 0x8B], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0], [0x61], [3, 0]]
            as [[UInt8]])
    func behindMember(_ rest: [UInt8]) throws {
        for seed in try FuzzSeeds.make(.segment) {
            #expect(try FuzzSubject.segment.violation(seed + rest) == nil)
        }
    }
}
