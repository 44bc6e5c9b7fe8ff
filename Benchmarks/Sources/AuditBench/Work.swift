import AuditLog
import Glibc

/// What the measured children do with the library; the parent only runs and times.
enum Work {
    /// Drafts of one call when callers are not what is measured.
    static let groupDrafts = 1_024
    static let options = OpenOptions(
        ownerOf: [], actor: "audit-bench", origin: "bench",
        // Timed appends shall not meet a seal: it is measured by itself.
        sealBytes: OpenOptions.standardSealBytes)

    /// A new log in `folder`: `audit` and `keys`. Nothing is reserved, so that `auditlog append` can
    /// write the same events.
    static func create(_ folder: String, clock: any AuditClock = SystemAuditClock()) throws {
        _ = try AuditLog.create(
            at: "\(folder)/audit", keys: "\(folder)/keys",
            options: CreationOptions(origin: "example.com/bench", actor: "audit-bench"),
            clock: clock)
    }

    static func open(
        _ folder: String, clock: any AuditClock = SystemAuditClock()
    ) async throws -> AuditLog {
        try await AuditLog.open(
            at: "\(folder)/audit", keys: "\(folder)/keys", options: options, clock: clock)
    }

    /// Events made ahead of each timed round: making them is not what is measured, and holding all
    /// of them would be what the memory bar sees.
    private static let roundEvents = 8_192

    /// Appends `events` by `callers` at once, each waiting for its own event; then the log is closed,
    /// or left `open` as a kill would leave it. Prints the seconds from the first call to the last
    /// acknowledgement, without opening and closing, and VmHWM.
    static func callers(
        _ folder: String, events: Int, callers: Int, ending: String
    ) async throws {
        try create(folder)
        let log = try await open(folder)
        var source = PaymentEvents(seed: 1)
        var seconds = 0.0
        var made = 0
        while made < events {
            let drafts = (made..<min(made + roundEvents, events)).map { _ in source.next() }
            made += drafts.count
            let began = Shell.now()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<callers {
                    group.addTask {
                        for place in stride(from: caller, to: drafts.count, by: callers) {
                            _ = try await log.append([drafts[place]])
                        }
                    }
                }
                try await group.waitForAll()
            }
            seconds += Shell.now() - began
        }
        print(seconds, peakBytes())
        if ending == "open" { exit(0) }
        try await log.close()
    }

    /// Appends `events` in commits of `group` and seals them. Prints seconds of sealing and VmHWM.
    static func sealed(_ folder: String, events: Int, group: Int) async throws {
        let clock = PaymentClock()
        try create(folder, clock: clock)
        let log = try await open(folder, clock: clock)
        var source = PaymentEvents(seed: 1)
        var made = 0
        while made < events {
            let drafts = (made..<min(made + group, events)).map { _ in source.next() }
            _ = try await log.append(drafts)
            made += drafts.count
        }
        let began = Shell.now()
        try await log.seal()
        print(Shell.now() - began, peakBytes())
        try await log.close()
    }

    /// Appends `events` in groups: how large logs are made. Prints seconds (seals included), VmHWM,
    /// and a control number from the middle.
    static func fill(_ folder: String, events: Int) async throws {
        let clock = PaymentClock()
        try create(folder, clock: clock)
        let log = try await open(folder, clock: clock)
        var source = PaymentEvents(seed: 1)
        var middle = ""
        var made = 0
        let began = Shell.now()
        while made < events {
            let count = min(groupDrafts, events - made)
            var drafts: [EventDraft] = []
            for _ in 0..<count { drafts.append(source.next()) }
            _ = try await log.append(drafts)
            if made <= events / 2 { middle = source.newestNumber }
            made += count
        }
        let seconds = Shell.now() - began
        try await log.close()
        print(seconds, peakBytes(), middle)
    }

    /// Prints drafts as `auditlog append` reads them, until nobody reads.
    static func drafts(events: Int) {
        var source = PaymentEvents(seed: 2)
        for _ in 0..<events { print(source.next().jsonText) }
    }

    /// Opens and prints the seconds of the call alone.
    static func reopen(_ folder: String) async throws {
        let began = Shell.now()
        let log = try await open(folder)
        print(Shell.now() - began, peakBytes())
        try await log.close()
    }

    /// VmHWM: the most memory this process held, in bytes.
    static func peakBytes() -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            if text.hasPrefix("VmHWM:") {
                return (text.split { " \t".contains($0) }.compactMap { Int($0) }.first ?? 0) * 1_024
            }
        }
        return 0
    }
}
