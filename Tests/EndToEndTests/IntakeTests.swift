import Foundation
import Glibc
import OrderedJSON
import Testing

@Suite(.fewAtATime)
struct IntakeTests {
    private static let batch = Batch.made("b.csv", id: "B-1", first: 10_000_000, count: 4)
    private static let cut = String(batch.text.prefix(batch.text.count - 20))

    @Test("A file without its trailer waits and says why; completed, it is taken")
    func truncated() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop("b.csv", Self.cut)
            #expect(try await site.run().code == 30)
            let status = try site.text("outbox/b.csv.status.json")
            #expect(status.contains("trailer"), "\(status)")
            #expect(try site.text("inbox/b.csv") == Self.cut)
            #expect(try sandbox.requests("payoutQueue") == 0)
            try site.drop(Self.batch)
            #expect(try await site.run().code == 0)
            #expect(!site.exists("outbox/b.csv.status.json"))
            try await site.runUntilFinal([Self.batch])
            try await Oracle(site: site, sandbox: sandbox).check([Self.batch])
        }
    }

    @Test("A file that grows in place under the daemon is taken once it is whole")
    func growing() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let daemon = try site.daemon()
            try site.drop("b.csv", Self.cut)
            _ = try await eventually("the status file") {
                site.exists("outbox/b.csv.status.json") ? true : nil
            }
            let rest = Array(Self.batch.text.utf8.dropFirst(Self.cut.utf8.count))
            let descriptor = open(site.inbox + "/b.csv", O_WRONLY | O_APPEND | O_CLOEXEC)
            #expect(write(descriptor, rest, rest.count) == rest.count)
            close(descriptor)
            try await site.finals([Self.batch], by: daemon)
            daemon.send(SIGTERM)
            #expect(try await daemon.end().code == 0)
            try await Oracle(site: site, sandbox: sandbox).check([Self.batch])
        }
    }

    @Test("A sender that numbers its batches has gaps and repetitions refused, and loses no number")
    func sequence() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(
                scratch, port: sandbox.port, more: "senders: {default: {sequence: true}}")
            func batch(_ number: Int?, _ first: Int) -> Batch {
                var batch = Batch.made(
                    "b-\(first).csv", id: "B-\(first)", first: first, count: 2)
                guard let number else { return batch }
                batch.text = batch.text.replacing(
                    "mode=test\n", with: "mode=test,sequence=\(number)\n")
                return batch
            }
            let taken = [batch(118, 10_000_000), batch(119, 50_000_000)]
            let refused = [
                (batch(120, 20_000_000), "sequence-gap"), (batch(118, 30_000_000), "sequence-used"),
                (batch(nil, 40_000_000), "sequence-missing"),
            ]
            try site.drop(taken[0])
            #expect(try await site.run().code == 0)
            for (batch, code) in refused {
                try site.drop(batch)
                let checked = try await site.tool("check", [site.inbox + "/" + batch.name])
                #expect(checked.code == 30)
                #expect(try await site.run().code == 30)
                let fault = try site.response("\(batch.name).ack.json")["faults"]?.arrayValue?.first
                #expect(fault?["code"]?.stringValue == code)
            }
            try site.drop(taken[1])
            #expect(try await site.run().code == 0)
            // Refused for its gap before, it is the next one now.
            try site.drop("again.csv", refused[0].0.text)
            #expect(try await site.run().code == 0)
            #expect(try sandbox.requests("payoutQueue") == 6)
            #expect(try await site.tool("rebuild").code == 0)
        }
    }

    @Test("A file waits where the disk has no room for it or its sender's day is over, and says so")
    func allowance() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let full = try Site(
                scratch, port: sandbox.port, name: "full",
                more: "  keepFreeBytes: 1000000000000000")
            try full.drop(Self.batch)
            #expect(try await full.run().code == 30)
            #expect(try full.text("outbox/b.csv.status.json").contains("disk space"))
            #expect(try full.text("inbox/b.csv") == Self.batch.text)
            let site = try Site(
                scratch, port: sandbox.port, more: "senders: {default: {filesPerDay: 1}}")
            try site.drop(Self.batch)
            #expect(try await site.run().code == 0)
            try site.drop(Batch.made("c.csv", id: "B-2", first: 20_000_000, count: 2))
            #expect(try await site.run().code == 30)
            #expect(try site.text("outbox/c.csv.status.json").contains("filesPerDay"))
            #expect(try sandbox.requests("payoutQueue") == 4)
        }
    }

    @Test("A waiting file that its sender takes away leaves no status behind")
    func takenAway() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop("b.csv", Self.cut)
            #expect(try await site.run().code == 30)
            #expect(site.exists("outbox/b.csv.status.json"))
            try FileManager.default.removeItem(atPath: site.inbox + "/b.csv")
            #expect(try await site.run().code == 0)
            #expect(!site.exists("outbox/b.csv.status.json"))
        }
    }

    @Test("A file whose time reads like a card number keeps its private copy at every start")
    func timeLikeACardNumber() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            try site.drop(Self.batch)
            // In nanoseconds 18 digits with a right check digit: 1980-01-01 00:00:01 UTC.
            let time = timespec(tv_sec: 315_532_801, tv_nsec: 0)
            #expect(utimensat(AT_FDCWD, site.inbox + "/b.csv", [time, time], 0) == 0)
            #expect(try await site.run().code == 0)
            let copies = try site.snapshot("state/files")
            #expect(copies.values.contains(Array(Self.batch.text.utf8)))
            try await site.runUntilFinal([Self.batch])
            #expect(try site.snapshot("state/files") == copies)
            #expect(try await site.tool("rebuild").code == 0)
            try await Oracle(site: site, sandbox: sandbox).check([Self.batch])
        }
    }

    @Test("What is no plain file is set aside and answered under its file id")
    func noPlainFiles() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let target = try scratch.write("target.csv", Self.batch.text)
            mkfifo(site.inbox + "/fifo.csv", 0o600)
            symlink(target, site.inbox + "/link.csv")
            mkdir(site.inbox + "/folder.csv", 0o700)
            link(target, site.inbox + "/second-link.csv")
            try site.drop("copy.csv~2", Self.batch.text)
            #expect(try await site.run().code == 30)
            let names = try site.outboxNames()
            #expect(names.count == 5)
            for name in names {
                #expect(name.wholeMatch(of: /\d{8}-\d{6}\.ack\.json/) != nil, "\(name)")
                #expect(try site.response(name)["verdict"] == "quarantined")
            }
            #expect(FileManager.default.contents(atPath: target) == Data(Self.batch.text.utf8))
            #expect(try sandbox.requests("payoutQueue") == 0)
            try Oracle(site: site, sandbox: sandbox).tidy()
            #expect(try await site.run().code == 30)
            #expect(try site.outboxNames() == names)
        }
    }

    @Test("Unfinished and hidden names are never touched")
    func untouched() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let names = [
                "b.csv.part", "b.filepart", "b.TMP", "b.writing", ".b.csv", "b.crdownload",
                "b.csv.8f3a61c0.partial",
            ]
            for name in names {
                try Scratch.put(Self.batch.text, at: site.inbox + "/" + name)
            }
            #expect(try await site.run().code == 0)
            for name in names { #expect(try site.text("inbox/" + name) == Self.batch.text) }
            #expect(try site.outboxNames() == [])
        }
    }

    @Test("A sender's file is answered in the sender's folder, and its batch id is its own")
    func senders() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            mkdir(site.inbox + "/acme", 0o700)
            let other = Batch.made("acme/b.csv", id: "B-1", first: 20_000_000, count: 2)
            try site.drop(Self.batch)
            try site.drop(other)
            #expect(try await site.run().code == 0)
            try await site.runUntilFinal([Self.batch, other])
            for batch in [Self.batch, other] {
                #expect(try site.response(batch.name + ".ack.json")["verdict"] == "accepted")
            }
            try Oracle(site: site, sandbox: sandbox).money([Self.batch, other])
        }
    }

    @Test("No strict prefix of a file is ever sent")
    func prefixes() async throws {
        try await Scratch.with { scratch in
            let sandbox = try await Sandbox.start(scratch)
            let site = try Site(scratch, port: sandbox.port)
            let json = try Batch.sample("payouts.json", id: "PAY-20261121-002").text
            for (text, suffix) in [(Self.batch.text, "csv"), (json, "json")] {
                let bytes = Array(text.utf8)
                let whole = suffix == "json" ? bytes.lastIndex(of: 0x7D) ?? 0 : bytes.count - 1
                for end in stride(from: 0, through: whole, by: 29) + [whole] {
                    let cut = String(decoding: bytes[..<end], as: UTF8.self)
                    try site.drop("cut-\(end).\(suffix)", cut)
                }
            }
            #expect(try await site.run().code == 30)
            #expect(try sandbox.ledger().isEmpty)
            for (name, bytes) in try site.snapshot("outbox") where name.hasSuffix(".ack.json") {
                let verdict = try JSONValue(parsing: bytes)["verdict"]?.stringValue ?? ""
                #expect(["rejected", "quarantined"].contains(verdict), "\(name)")
            }
        }
    }
}
