import Foundation
import Glibc
import OrderedJSON
import Testing

/// A way a file reaches the inbox over SFTP.
enum SFTPWay: Int, CaseIterable, Sendable {
    /// Under its final name.
    case direct
    /// Under its final name, with a pause longer than the settle time in the middle.
    case held
    /// Under another name, then renamed with link + unlink.
    case renamed
    /// Under another name, then renamed with rename(2) over a part that waits.
    case replaced
    /// Killed in the middle, then once more from the start.
    case killed
    /// Killed in the middle, then gone on with.
    case resumed
    /// Again and again under one name, about when the one before is picked up.
    case overwritten

    func isPossible(for client: SFTPClient) -> Bool {
        switch self {
        case .replaced: client.canReplace
        case .resumed: client.canResume
        default: true
        }
    }
}

/// A daemon whose inbox is the folder of an SFTP server, and one client.
struct SFTPBench: Sendable {
    let client: SFTPClient
    let scratch: Scratch
    let site: Site
    let sandbox: Sandbox
    let server: SFTPServer
    let daemon: Child

    private static let rows = 24
    /// What passes before an upload is held: more than one of SSH's packets, which the server reads
    /// whole or not at all, and less than half a file.
    private static let partBytes = 40_960
    private static let seconds = 180

    static func start(_ scratch: Scratch, _ client: SFTPClient) async throws -> SFTPBench {
        let sandbox = try await Sandbox.start(scratch)
        // The settle time of every site that does not say otherwise.
        let site = try Site(
            scratch, port: sandbox.port, intake: "settleSeconds: 2\n  scanSeconds: 5")
        return SFTPBench(
            client: client, scratch: scratch, site: site, sandbox: sandbox,
            server: try await SFTPServer.start(scratch, serving: site.inbox),
            daemon: try site.daemon())
    }

    /// Uploads in one way; the batches that must be accepted, each under the name of its answers.
    func upload(_ way: SFTPWay, round: Int) async throws -> [Batch] {
        let batch = batch("\(way)-\(round).json", way, round)
        let local = try scratch.write("local-\(batch.name)", batch.text)
        switch way {
        case .direct: try await run([.put(local, as: batch.name)])
        case .held: try await held(batch, local)
        case .renamed:
            let part = batch.name + ".part"
            try await run([.put(local, as: part), .rename(part, to: batch.name)])
        case .replaced: try await replaced(batch, local)
        case .killed:
            try await killed(batch, local)
            try await run([.put(local, as: batch.name)])
        case .resumed:
            try await killed(batch, local)
            try await run([.resume(local, as: batch.name)])
        case .overwritten: return try await overwritten(way, round)
        }
        return [batch]
    }

    /// Nothing partial was taken, nothing missed, nothing twice: the outbox has these batches' answers
    /// and no other, the provider their money once, and the log proves it.
    func judge(_ batches: [Batch]) async throws {
        try await site.finals(batches, by: daemon, within: Self.seconds)
        daemon.send(SIGTERM)
        #expect(try await daemon.end().code == 0)
        try await Oracle(site: site, sandbox: sandbox).check(batches)
        let answered = try site.outboxNames().filter { $0.hasSuffix(".ack.json") }
        #expect(answered == Set(batches.map { $0.name + ".ack.json" }))
    }

    private func batch(_ name: String, _ way: SFTPWay, _ round: Int, _ number: Int = 0) -> Batch {
        let first = 10_000_000 + way.rawValue * 1_000_000 + round * 10_000 + number * 100
        return Batch.long(name, id: "B-\(first)", first: first, count: Self.rows)
    }

    private func run(_ steps: [SFTPClient.Step]) async throws {
        let ended = try await client.start(scratch, steps, server, port: server.port)
            .end(within: Self.seconds)
        guard ended.code == 0 else {
            throw HarnessFailure("\(client) \(steps): \(ended.output)\(ended.errors)")
        }
    }

    // MARK: Ways

    private func held(_ batch: Batch, _ local: String) async throws {
        let (line, child) = try await begin(batch, local)
        try await waits(batch) { $0.contains("open for writing") }
        #expect(child.result == nil)
        line.release()
        #expect(try await child.end(within: Self.seconds).code == 0)
        line.cut()
    }

    /// Leaves a part in the inbox that its sender no longer writes.
    private func killed(_ batch: Batch, _ local: String) async throws {
        let (line, child) = try await begin(batch, local)
        child.kill()
        line.cut()
        try await waits(batch) { !$0.hasPrefix("growing") }
        #expect(!site.exists("outbox/\(batch.name).ack.json"))
    }

    private func replaced(_ batch: Batch, _ local: String) async throws {
        let part = try scratch.write(
            "part-\(batch.name)", String(batch.text.prefix(Self.partBytes)))
        try await run([.put(part, as: batch.name)])
        try await waits(batch) { !$0.hasPrefix("growing") }
        let other = batch.name + ".tmp"
        try await run([.put(local, as: other), .replace(other, to: batch.name)])
    }

    /// The last one is whole and stays; of those before it each was taken whole, or its sender wrote
    /// over it before it was taken.
    private func overwritten(_ way: SFTPWay, _ round: Int) async throws -> [Batch] {
        let name = "\(way)-\(round).json"
        // Milliseconds about the settle time: before it, after it, and in the middle of the pick-up.
        let pauses = [1_985, 2_005, 2_030].map { $0 + 7 * (round - 1) }
        var steps: [SFTPClient.Step] = []
        let versions = (0...pauses.count).map { batch(name, way, round, $0) }
        for (number, version) in versions.enumerated() {
            let local = try scratch.write("local-\(number)-\(name)", version.text)
            if number > 0 { steps.append(.pause(milliseconds: pauses[number - 1])) }
            steps.append(.put(local, as: name))
        }
        try await run(steps)
        return try await eventually(within: Self.seconds, "the last of \(name)") {
            let taken = try taken(name, versions)
            return taken.contains { $0.id == versions.last?.id } ? taken : nil
        }
    }

    /// The versions that have an acknowledgement, under the names of their answers.
    private func taken(_ name: String, _ versions: [Batch]) throws -> [Batch] {
        let acks = try site.outboxNames().filter {
            $0.hasPrefix(name) && $0.hasSuffix(".ack.json")
        }
        return try acks.map { ack in
            let id = try site.response(ack)["batch"]?.stringValue
            guard var batch = versions.first(where: { $0.id == id }) else {
                throw HarnessFailure("\(ack): \(try site.text("outbox/" + ack))")
            }
            batch.name = String(ack.dropLast(".ack.json".count))
            return batch
        }
    }

    // MARK: Steps

    /// An upload under the final name that has stopped in the middle.
    private func begin(_ batch: Batch, _ local: String) async throws -> (HeldLine, Child) {
        let path = site.inbox + "/" + batch.name
        let line = try HeldLine(to: server.port, until: path, and: Self.partBytes)
        let child = try await client.start(
            scratch, [.put(local, as: batch.name)], server, port: line.port)
        _ = try await eventually(within: Self.seconds, "a part of \(batch.name)") { () -> Bool? in
            if let ended = child.result { throw HarnessFailure("\(client): \(ended)") }
            var status = stat()
            guard stat(path, &status) == 0, status.st_size > 0 else { return nil }
            try #require(Int(status.st_size) < batch.text.utf8.count)
            return true
        }
        return (line, child)
    }

    private func waits(_ batch: Batch, _ isMeant: (String) -> Bool) async throws {
        let name = batch.name + ".status.json"
        _ = try await eventually(within: Self.seconds, name) { () -> Bool? in
            if let ended = daemon.result { throw HarnessFailure("the daemon ended: \(ended)") }
            // Replaced and removed by the daemon at any moment.
            guard let reason = (try? site.response(name))?["reason"]?.stringValue else {
                return nil
            }
            return isMeant(reason) ? true : nil
        }
    }
}

extension Batch {
    /// As `made`, in JSON, with so much space between rows that it fills several of SSH's packets.
    static func long(_ name: String, id: String, first: Int, count: Int) -> Batch {
        var batch = made(name, id: id, first: first, count: count)
        let space = String(repeating: " ", count: 4_000)
        let items = batch.rows.map { row in
            """
            \(space){"controlNumber":"\(row.controlNumber)","name":"Halimbawa,Uno,Test",\
            "phone":"09171234567","amount":"\(row.amount)","accountNo":"\(row.account)",\
            "withdrawChannel":"6"}
            """
        }
        batch.text = """
            {"batch":"\(id)","action":"payoutQueue","mode":"test","count":\(count),\
            "amount":"\(Money.text(Money.sum(batch.rows)))","items":[
            \(items.joined(separator: ",\n"))
            ]}

            """
        return batch
    }
}
