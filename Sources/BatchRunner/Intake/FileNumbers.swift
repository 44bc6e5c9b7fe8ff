import AuditLog
import Locks
import SkyPay

/// Gives out file ids, `20261121-000042`: the day in the Philippines and a running number. Files and
/// posted callbacks are taken side by side, so an id is given out once even before its claim is
/// durable. An id that came to nothing leaves a gap, which means nothing.
final class FileNumbers: Sendable {
    private let ledger: Ledger
    private let last = Locked<(day: String, number: Int)>(("", 0))

    init(_ ledger: Ledger) { self.ledger = ledger }

    /// The next id at `now` (unix seconds).
    func next(at now: Int64) throws -> String {
        let day = PhilippineTime.rfc3339(unixSeconds: now).prefix(10).filter { $0 != "-" }
        return try last.withLock { last in
            if last.day != day { last = (day, try claimed(day)) }
            last.number += 1
            let digits = String(last.number)
            let zeros = String(repeating: "0", count: max(0, Self.digits - digits.count))
            return day + "-" + zeros + digits
        }
    }

    /// Takes back an id whose file was left alone, when no later one was given out.
    func giveBack(_ fileID: String) {
        last.withLock { last in
            if Self.number(fileID) == last.number, fileID.hasPrefix(last.day) { last.number -= 1 }
        }
    }

    /// The highest number of a day that the ledger knows; 0 for none.
    private func claimed(_ day: String) throws -> Int {
        try ledger.lastFileID(ofDay: day).flatMap(Self.number) ?? 0
    }

    private static func number(_ fileID: String) -> Int? {
        fileID.split(separator: "-").last.flatMap { Int($0) }
    }

    /// Digits of a number at least; more files a day have longer ones.
    private static let digits = 6
}
