import DurableFiles
import SkyPay

/// One change of the password key: its event and its files.
final class KeyChange {
    let key: Secret
    let expires: String?
    private let overlapHours: Int
    /// Until when the key before is accepted (unix seconds); nil for not at all.
    private(set) var previousUntil: Int64?

    init(key: Secret, expires: String?, overlapHours: Int) {
        self.key = key
        self.expires = expires
        self.overlapHours = overlapHours
    }

    /// Makes the change on an open site; the settings afterwards.
    ///
    /// event → replace(FILE.previous) → replace(FILE). A crash before the last: FILE holds the old
    /// key, and `PasswordKeys.settle` records that at the next start.
    func perform(on site: RunnerSite) async throws -> SkyPaySettings {
        var settings = site.configuration.skypay
        guard let file = settings.passwordKeyFile else {
            throw CommandFailure(.providerUnavailable, "the password key has no file")
        }
        let keys = site.passwordKeys
        guard settings.passwordKey != key else {
            throw CommandFailure(.usage, "the new key is the present one; nothing was changed")
        }
        let end = site.clock.unixSeconds() + Int64(overlapHours) * 3_600
        previousUntil = overlapHours > 0 ? end : nil
        try await keys.record(
            KeyRecord(
                key: keys.name(of: key),
                previous: overlapHours > 0 ? keys.name(of: settings.passwordKey) : nil,
                previousUntil: previousUntil, expires: expires,
                configuredExpires: settings.passwordKeyExpires), source: "rotate-key")
        FailPoint.reach(.keyRecorded)
        let kept = file + PasswordKeys.previousSuffix
        if overlapHours > 0 {
            try write(settings.passwordKey, to: kept)
        } else {
            try DurableFiles.destroy(kept)
        }
        FailPoint.reach(.keyKept)
        try write(key, to: file)
        settings.previousPasswordKey = overlapHours > 0 ? settings.passwordKey : nil
        settings.keptPreviousKeyFile = overlapHours > 0 ? kept : nil
        settings.passwordKey = key
        return settings
    }

    private func write(_ key: Secret, to path: String) throws {
        try DurableFiles.replace(
            path, Array((key.reveal() + "\n").utf8), mode: DurableFiles.fileMode)
    }
}
