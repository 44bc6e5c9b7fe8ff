import AuditLog
import GRDB
import Logging

extension Runner {
    /// A daemon's daily check of its ledger. One that finds a difference stops the daemon: intake
    /// and sending both decide by the ledger.
    func checkLoop(_ stop: StopRequest, _ logger: Logger) async throws {
        guard let schedule = site.configuration.ledgerCheck else { return }
        defer { stop.request() }
        var next = site.clock.unixSeconds()
        while !stop.isRequested {
            try await Task.sleep(for: Self.checkStep)
            let now = site.clock.unixSeconds()
            guard now >= next else { continue }
            next = now + Self.probeSeconds
            guard try isCheckDue(schedule, at: now), !stop.isRequested else { continue }
            do {
                let refusal = try await selfCheck.perform(.nightly, until: stop)
                if let refusal {
                    logger.critical("\(refusal)")
                    return
                }
                logger.notice("the ledger agrees with the audit log")
            } catch is CancellationError {
                return
            } catch let error as InvariantViolation {
                throw error
            } catch {
                logger.warning("the ledger could not be checked: \(error)")
                next = now + Self.checkAgainSeconds
            }
        }
    }

    /// The check, of this site and on this disk.
    var selfCheck: SelfCheck { SelfCheck(site: site, free: surroundings.freeBytes) }

    /// Whether the daily check is due at `now`.
    func isCheckDue(_ schedule: CheckSchedule, at now: Int64) throws -> Bool {
        let ledger = site.journal.ledger
        let last = try ledger.lastCheck()?.unixSeconds
        // Asked for every minute: of no use once there was a check.
        let first = last == nil ? try ledger.firstReceipt() : nil
        return schedule.isDue(last: last, first: first, now: now)
    }

    /// How often a stop is looked for.
    private static let checkStep = Duration.milliseconds(200)
    /// Wait after a check that could not be made, in seconds.
    private static let checkAgainSeconds: Int64 = 3_600
}

extension Ledger {
    /// When the first file came, in unix seconds; nil while none has.
    func firstReceipt() throws -> Int64? {
        try lookUp { try String.fetchOne($0, kept: Self.firstReceiptSQL) }
            .flatMap { EventTime.unixSeconds($0) }
    }

    /// Ids begin with the day and are the table's order: the first is found without a look at others.
    static let firstReceiptSQL = "SELECT receivedAt FROM files ORDER BY fileId LIMIT 1"
}
