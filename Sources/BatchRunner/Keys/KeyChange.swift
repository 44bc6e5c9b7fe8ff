import DurableFiles

/// One change of the password key: its event and its files.
final class KeyChange {
    /// Whether SkyPay proves that this key is in force.
    typealias Question = (Secret) async -> Bool

    let key: Secret
    let expires: String?
    private let overlapHours: Int
    private let isInForce: Question
    /// Until when the key before is accepted (unix seconds); nil for not at all.
    private(set) var previousUntil: Int64?

    init(key: Secret, expires: String?, overlapHours: Int, isInForce: @escaping Question) {
        self.key = key
        self.expires = expires
        self.overlapHours = overlapHours
        self.isInForce = isInForce
    }

    /// Makes the change on an open site; the settings afterwards.
    ///
    /// event → replace(FILE.previous) → replace(FILE). A crash before the last: FILE holds the old
    /// key, and `PasswordKeys.settle` records that at the next start. Where FILE.previous holds the key
    /// that is kept already, it stays as it is, whatever happens.
    func perform(on site: RunnerSite) async throws -> SkyPaySettings {
        var settings = site.configuration.skypay
        guard let file = settings.passwordKeyFile else {
            throw CommandFailure(.providerUnavailable, "the password key has no file")
        }
        let keys = site.passwordKeys
        guard settings.passwordKey != key else {
            throw CommandFailure(.usage, "the new key is the present one; nothing was changed")
        }
        let before = try await keyBefore(settings)
        let end = site.clock.unixSeconds() + Int64(overlapHours) * 3_600
        previousUntil = before == nil ? nil : end
        try await keys.record(
            KeyRecord(
                key: keys.name(of: key), previous: before.map { keys.name(of: $0) },
                previousUntil: previousUntil, expires: expires,
                configuredExpires: settings.passwordKeyExpires), source: "rotate-key")
        FailPoint.reach(.keyRecorded)
        let kept = file + PasswordKeys.previousSuffix
        if let before {
            if before != settings.previousPasswordKey { try write(before, to: kept) }
        } else {
            try DurableFiles.destroy(kept)
        }
        FailPoint.reach(.keyKept)
        try write(key, to: file)
        settings.previousPasswordKey = before
        settings.keptPreviousKeyFile = before == nil ? nil : kept
        settings.passwordKey = key
        return settings
    }

    /// The key that is kept as the one before; nil for none. Where a change before this one left a key,
    /// the present one may have been given wrong: then the kept one is the only one that works, and it
    /// is kept on. As one of the two is lost, nothing is changed while nobody knows which is right.
    private func keyBefore(_ settings: SkyPaySettings) async throws -> Secret? {
        guard overlapHours > 0 else { return nil }
        // The kept key given again is in the hands of who gives it.
        guard let earlier = settings.previousPasswordKey, earlier != key else {
            return settings.passwordKey
        }
        if await isInForce(settings.passwordKey) { return settings.passwordKey }
        if await isInForce(earlier) { return earlier }
        // With the new one in force the one before it serves for late callbacks alone.
        if await isInForce(key) { return settings.passwordKey }
        throw CommandFailure(
            .providerUnavailable,
            "SkyPay opens neither the present key nor the one before it nor the new one: nobody "
                + "knows which to keep, and nothing was changed. Give this command again when SkyPay "
                + "answers or the new key is in force, or with --overlap-hours 0 to keep neither")
    }

    private func write(_ key: Secret, to path: String) throws {
        try DurableFiles.replace(
            path, Array((key.reveal() + "\n").utf8), mode: DurableFiles.fileMode)
    }
}
