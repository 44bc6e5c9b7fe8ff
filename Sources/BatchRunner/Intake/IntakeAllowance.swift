/// Decides whether a file that has come to rest may be taken now, or waits in the inbox: so that no
/// sender fills the disk or takes the day from the others (architecture.md, I14). Pure.
struct IntakeAllowance: Sendable {
    /// Bytes to be left free where the private copies lie.
    let keepFreeBytes: Int64
    /// What a sender may have taken in one banking day.
    let settings: SenderSettings

    /// A file is copied once, and answered row by row in a result and a final file. What comes as gzip
    /// has its text beside the copy, and answers as long as that.
    private static let copies: Int64 = 3

    /// Why a file must wait, and until when; nil when it may be taken. No figure in it moves while
    /// it waits: a new reason is written to the disk, for every waiting file, just when that is short.
    /// - Parameters:
    ///   - bytes: of the file and its side file.
    ///   - inflated: bytes of the text of a gzip file, once they are known; 0 for any other.
    ///   - taken: from its sender today.
    ///   - free: bytes free now; nil when the file system does not say, and copying will tell.
    func refusal(
        bytes: Int64, inflated: Int64 = 0, taken: SenderDay, free: Int64?
    ) -> String? {
        let needed = inflated > 0 ? bytes + Self.copies * inflated : Self.copies * bytes
        if let free, free - needed < keepFreeBytes {
            return "waiting for disk space below state/: the file needs "
                + "\(mebibytes(needed)) MiB beside the \(mebibytes(keepFreeBytes)) "
                + "that are kept free (intake.keepFreeBytes)"
        }
        if taken.files >= settings.filesPerDay {
            return "waiting for tomorrow (GMT+8): \(taken.files) files were taken from this sender "
                + "today, its limit (filesPerDay)"
        }
        // A file above the limit alone is taken as the day's only one: it would wait for ever.
        if taken.files > 0, taken.bytes + bytes > settings.bytesPerDay {
            return "waiting for tomorrow (GMT+8): with this file more than "
                + "\(mebibytes(settings.bytesPerDay)) MiB would be taken from this sender today, "
                + "its limit (bytesPerDay)"
        }
        return nil
    }

    private func mebibytes(_ bytes: Int64) -> Int64 { (bytes + (1 << 20) - 1) >> 20 }
}

/// What was taken from a sender in one banking day (GMT+8).
struct SenderDay: Sendable, Equatable {
    var files = 0
    var bytes: Int64 = 0
}

/// What was taken from each sender today: read from the ledger once a day and sender, then counted.
struct SenderDays {
    private var day: Int64 = .min
    private var taken: [String: SenderDay] = [:]

    private static let daySeconds: Int64 = 86_400
    private static let manilaOffsetSeconds: Int64 = 8 * 3_600

    /// What was taken from a sender on the banking day of `now` (Unix seconds).
    mutating func today(
        _ sender: String, at now: Int64, _ ledger: Ledger
    ) throws -> SenderDay {
        let today = (now + Self.manilaOffsetSeconds) / Self.daySeconds
        if today != day { (day, taken) = (today, [:]) }
        if let known = taken[sender] { return known }
        let read = try ledger.received(from: sender, onDayOf: now)
        taken[sender] = read
        return read
    }

    /// Counts a file taken now.
    mutating func count(_ sender: String, bytes: Int64) {
        taken[sender]?.files += 1
        taken[sender]?.bytes += bytes
    }
}
