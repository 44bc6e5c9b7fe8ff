import Foundation
import Testing

/// Real clients against OpenSSH's server, a daemon behind it, and a provider. `SFTP_ROUNDS` repeats
/// everything so many times (`make sftp`).
@Suite(
    "Uploads over SFTP", .fewAtATime,
    .enabled(if: SFTPServer.missing == nil, "no SFTP server: \(SFTPServer.missing ?? "")"))
struct SFTPTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["SFTP_ROUNDS"].flatMap { Int($0) } ?? 1

    @Test("Clients that are not here are named")
    func clients() {
        let missing = SFTPClient.allCases.filter { !SFTPClient.here.contains($0) }
        if !missing.isEmpty {
            print("skipped: \(missing.map(\.rawValue)), not installed (`make peers` does it)")
        }
        #expect(SFTPClient.here.contains(.sftp))
    }

    @Test(
        "Whatever a client uploads, in whatever way, is taken whole and once",
        arguments: SFTPClient.here)
    func uploads(_ client: SFTPClient) async throws {
        try await Scratch.with { scratch in
            let bench = try await SFTPBench.start(scratch, client)
            var batches: [Batch] = []
            for round in 1...max(1, Self.rounds) {
                batches += try await withThrowingTaskGroup(of: [Batch].self) { group in
                    for way in SFTPWay.allCases where way.isPossible(for: client) {
                        group.addTask { try await bench.upload(way, round: round) }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
            }
            try await bench.judge(batches)
        }
    }
}
