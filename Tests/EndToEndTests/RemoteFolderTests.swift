import Foundation
import Glibc
import OrderedJSON
import Testing

/// A sender's folder on another machine's disk, as far as the kernel can tell: sshfs (FUSE) has no
/// news of what others do there, no leases, no rename that never replaces, no inodes of its own, and
/// is a mount of its own.
@Suite(.fewAtATime)
struct RemoteFolderTests {
    static let missing: String? = {
        if let reason = SFTPServer.missing { return reason }
        if access("/usr/bin/sshfs", X_OK) != 0 { return "sshfs is not here (`make peers`)" }
        if access("/usr/bin/fusermount3", X_OK) != 0 { return "fusermount3 is not here" }
        let device = open("/dev/fuse", O_RDWR | O_CLOEXEC)
        if device < 0 { return "/dev/fuse cannot be opened" }
        close(device)
        return nil
    }()

    /// Mounts what the server serves at a place while the body runs.
    private static func mounted(
        _ server: SFTPServer, at place: String, _ scratch: Scratch, _ body: () async throws -> Void
    ) async throws {
        let mounted = try await scratch.run(
            "/usr/bin/sshfs",
            [
                "-F", server.clientConfiguration, "-p", "\(server.port)",
                // Without these names and sizes are as old as 20 seconds.
                "-o", "dir_cache=no,attr_timeout=0,entry_timeout=0",
                "\(server.user)@127.0.0.1:", place,
            ])
        guard mounted.code == 0 else { throw HarnessFailure("sshfs: \(mounted.errors)") }
        do {
            try await body()
        } catch {
            _ = try await unmount(place, scratch)
            throw error
        }
        #expect(try await unmount(place, scratch).code == 0)
    }

    private static func unmount(_ place: String, _ scratch: Scratch) async throws -> Ended {
        try await scratch.run("/usr/bin/fusermount3", ["-u", "-z", place])
    }

    @Test(
        "In a remote folder without news, leases and safe renames every file is found, and taken once",
        .enabled(if: missing == nil, "no remote folder: \(missing ?? "")"))
    func remote() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(
                scratch, port: sandbox.port, intake: "settleSeconds: 1\n  scanSeconds: 1")
            let (far, near) = (scratch.folder + "/far", site.inbox + "/far")
            for folder in [far, near] { mkdir(folder, 0o700) }
            let server = try await SFTPServer.start(scratch, serving: far)
            try await Self.mounted(server, at: near, scratch) {
                let daemon = try site.daemon()
                let batches = (0..<4).map {
                    Batch.made(
                        "far/b\($0).csv", id: "B-\($0)", first: 10_000_000 + $0 * 100, count: 3)
                }
                // One lies there already, one comes in two parts, two are renamed in: all from below.
                try Self.drop(batches[0], far)
                try Scratch.put(String(batches[1].text.prefix(100)), at: far + "/b1.csv")
                _ = try await eventually("the status of b1") {
                    site.exists("outbox/far/b1.csv.status.json") ? true : nil
                }
                for batch in batches[1...] { try Self.drop(batch, far) }
                try await site.finals(batches, by: daemon)
                daemon.send(SIGTERM)
                #expect(try await daemon.end().code == 0)
                try Oracle(site: site, sandbox: sandbox).money(batches)
                let acks = try site.outboxNames().filter { $0.hasSuffix(".ack.json") }
                #expect(acks == Set(batches.map { $0.name + ".ack.json" }))
                let left = try FileManager.default.contentsOfDirectory(atPath: far)
                #expect(left == [".claimed"])
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: far + "/.claimed") == [])
            }
        }
    }

    @Test(
        "A claim that a crash left open in a remote folder is ended at the next start",
        .enabled(if: missing == nil, "no remote folder: \(missing ?? "")"))
    func crash() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let (far, near) = (scratch.folder + "/far", site.inbox + "/far")
            for folder in [far, near] { mkdir(folder, 0o700) }
            let server = try await SFTPServer.start(scratch, serving: far)
            try await Self.mounted(server, at: near, scratch) {
                let batch = Batch.made("far/b.csv", id: "B-1", first: 10_000_000, count: 3)
                try Self.drop(batch, far)
                let killed = try site.daemon(failPoint: "claimed")
                _ = try await killed.end()
                try await site.runUntilFinal([batch])
                try Oracle(site: site, sandbox: sandbox).money([batch])
                let left = try FileManager.default.contentsOfDirectory(atPath: far)
                #expect(left.filter { $0 != ".claimed" } == [])
                #expect(site.exists("outbox/\(batch.name).ack.json"))
                #expect(try site.outboxNames().filter { $0.contains("~") } == [])
            }
        }
    }

    private static func drop(_ batch: Batch, _ far: String) throws {
        let path = far + batch.name.dropFirst("far".count)
        try Scratch.put(batch.text, at: path + ".part")
        guard rename(path + ".part", path) == 0 else { throw HarnessFailure("rename: \(errno)") }
    }
}
