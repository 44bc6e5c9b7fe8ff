import DurableFiles
import Glibc

/// The folder a self-test works in.
enum TrialFolder {
    /// Makes it, or takes one that is empty.
    /// - Returns: its absolute path.
    /// - Throws: `SelfTestError` when something is in it: a self-test never touches a site.
    static func make(_ wanted: String?) throws(SelfTestError) -> String {
        let path = try absolute(wanted ?? "batchrunner-selftest-" + WallClock.compact())
        if DurableFiles.exists(path), !DurableFiles.isFolder(path) {
            throw SelfTestError("\(path) is no folder")
        }
        guard Listing.names(path).isEmpty else {
            throw SelfTestError("\(path) is not empty: name a folder that is, or a new one")
        }
        do {
            try DurableFiles.makeFolder(path)
        } catch {
            throw SelfTestError("\(error)")
        }
        return path
    }

    private static func absolute(_ path: String) throws(SelfTestError) -> String {
        if path.utf8.starts(with: "/".utf8) { return path }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard getcwd(&buffer, buffer.count) != nil else {
            throw SelfTestError("the current folder is gone; give --folder")
        }
        let end = buffer.firstIndex(of: 0) ?? buffer.count
        let current = String(decoding: buffer[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return current + "/" + path
    }
}

/// The time of day, for names and pages.
enum WallClock {
    /// `2026-11-21 16:30:00 +0800`, in this machine's zone.
    static func text() -> String { format("%Y-%m-%d %H:%M:%S %z") }

    /// `20261121-163000`.
    static func compact() -> String { format("%Y%m%d-%H%M%S") }

    private static func format(_ form: String) -> String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, form, &parts)
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Notices whether this machine's time was set between two moments.
struct Steadiness {
    /// What a clock may be slewed by meanwhile.
    private static let toleranceSeconds = 0.5

    private let offset = Self.offset()

    var isSteady: Bool { abs(Self.offset() - offset) < Self.toleranceSeconds }

    private static func offset() -> Double { seconds(CLOCK_REALTIME) - seconds(CLOCK_MONOTONIC) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
}
