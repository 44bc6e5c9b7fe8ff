import DurableFiles
public import OrderedJSON
import SkyPay

/// `batchrunner rotate-key`: puts a new password key in the place of the present one, which is
/// accepted for a while longer.
///
/// Event durable → the present key kept → the new one in its place. A crash in between: the file
/// still holds the old key, the next start records that, and the command is given again. Given again
/// after a wrong key, it keeps the key that SkyPay opens, not the wrong one.
public struct RotateKeyCommand: Sendable {
    /// What was done and what SkyPay says to it.
    public struct Report: Sendable {
        /// Until when the key before is accepted, RFC 3339; nil for not at all.
        public var previousAcceptedUntil: String?
        /// The day the new key expires; nil when nobody said.
        public var expires: String?
        /// Which key SkyPay opens now, in words with what follows from it.
        public var finding: String
        /// 40 when SkyPay opens neither key.
        public var status: ExitStatus

        /// The machine-readable form.
        public var json: JSONValue {
            var object: JSONObject = ["rotated": true]
            object["previousAcceptedUntil"] = previousAcceptedUntil.map { .string($0) }
            object["expires"] = expires.map { .string($0) }
            object["finding"] = .string(finding)
            return .object(object)
        }
    }

    /// Hours the key before is accepted, unless told.
    public static let standardOverlapHours = 24
    /// Hours it may be accepted at most: 30 days.
    public static let maxOverlapHours = 720
    /// Characters of a key at most.
    static let maxKeyCharacters = 1_024

    private let root: String
    private let environment: [String: String]

    /// A change of the key of the site at `root`.
    public init(root: String, environment: [String: String]) {
        self.root = root
        self.environment = environment
    }

    /// Changes the key.
    /// - Parameters:
    ///   - newKey: the bytes of the new key, one line; they come from a file or standard input, never
    ///     from the command line, which every user of the machine can read.
    ///   - expires: the day it expires, `yyyy-MM-dd`; nil when that is not known.
    ///   - overlapHours: how long the present key is accepted after this, 0 for not at all.
    ///   - announce: told what people must know, such as a new root key.
    /// - Throws: `CommandFailure` with the exit code that fits.
    public func rotate(
        to newKey: [UInt8], expires: String?, overlapHours: Int, announce: (String) -> Void
    ) async throws -> Report {
        do {
            let key = try Self.key(newKey)
            if let expires, !PhilippineTime.isDate(expires) {
                throw CommandFailure(.usage, "--expires must be a day, such as 2027-01-31")
            }
            guard (0...Self.maxOverlapHours).contains(overlapHours) else {
                throw CommandFailure(
                    .usage, "--overlap-hours must be 0 to \(Self.maxOverlapHours)")
            }
            let folder = SiteFolder(root: root)
            guard DurableFiles.isFolder(folder.root) else {
                throw CommandFailure(.usage, "\(folder.root) is not a folder")
            }
            let configuration = try RunnerConfiguration.load(site: folder, environment: environment)
            try Self.refuse(configuration.skypay)
            FailPoint.arm(
                allowed: configuration.skypay.url.owner == .loopback, environment: environment)
            let site = try await RunnerSite.open(folder, configuration)
            site.announce(announce)
            let change = KeyChange(key: key, expires: expires, overlapHours: overlapHours) {
                await Self.isInForce($0, configuration.skypay)
            }
            let settings: SkyPaySettings
            do {
                settings = try await change.perform(on: site)
            } catch let refusal as CommandFailure {
                // Nothing was changed: the site is left as it was found.
                try await site.close()
                throw refusal
            }
            try await site.close()
            return try await report(settings, change)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// The bytes of a new key: a file's, or what comes on standard input until its end.
    public static func newKey(file: String?) throws -> [UInt8] {
        do throws(FileError) {
            return try DurableFiles.read(file ?? "/dev/stdin", limit: SecretFile.maxBytes)
        } catch {
            throw CommandFailure(.usage, "the new key cannot be read: \(error)")
        }
    }

    private static func key(_ bytes: [UInt8]) throws -> Secret {
        guard bytes.count <= SecretFile.maxBytes,
            let text = String(validating: bytes, as: UTF8.self),
            case .success(let key) = SecretFile.secret(text, "the new key"),
            key.reveal().unicodeScalars.count <= maxKeyCharacters
        else {
            throw CommandFailure(
                .usage, "the new key must be one line of at most \(maxKeyCharacters) characters")
        }
        return key
    }

    private static func refuse(_ settings: SkyPaySettings) throws {
        guard settings.passwordKeyFile != nil else {
            throw CommandFailure(
                .providerUnavailable,
                "the password key stands in the configuration itself: put it into a file of its "
                    + "own and name that as skypay.passwordKeyFile, then give this command again")
        }
        if settings.previousPasswordKey != nil, settings.keptPreviousKeyFile == nil {
            throw CommandFailure(
                .providerUnavailable,
                "remove skypay.previousPasswordKeyFile: rotate-key keeps the key before itself")
        }
    }

    private func report(_ settings: SkyPaySettings, _ change: KeyChange) async throws -> Report {
        let choice = await Self.asking(settings) { await $0.trySealing() }
        return Report(
            previousAcceptedUntil: change.previousUntil.map(PhilippineTime.rfc3339(unixSeconds:)),
            expires: change.expires,
            finding: Self.words(choice, keepsPrevious: change.previousUntil != nil),
            status: choice == .neither ? .providerUnavailable : .allDone)
    }

    /// True when SkyPay shows that it opens a balance query in this key.
    private static func isInForce(_ key: Secret, _ settings: SkyPaySettings) async -> Bool {
        var settings = settings
        settings.passwordKey = key
        settings.previousPasswordKey = nil
        let outcome = await asking(settings) { client in
            await client.send(client.prepare(.balanceQuery, fields: [:]))
        }
        return provesKey(outcome)
    }

    /// Whether the answer to a balance query in one key, with no other known, proves that key. One in
    /// plain may be anybody's, and one such as -9999 says nothing; a key may be lost by either.
    static func provesKey(_ outcome: SendOutcome) -> Bool {
        guard case .answered(let answer) = outcome else { return false }
        return answer.wasDecrypted && answer.code.showsReading
    }

    private static func asking<Value: Sendable>(
        _ settings: SkyPaySettings, _ question: (SkyPayClient) async -> Value
    ) async -> Value {
        let transport = HTTPTransport(
            requestsInFlight: 1, connectTimeoutSeconds: Int64(settings.connectTimeoutSeconds))
        let answer = await question(SkyPayClient(settings, transport: transport))
        await transport.shutdown()
        return answer
    }

    private static func words(_ choice: SealingChoice, keepsPrevious: Bool) -> String {
        switch choice {
        case .present: "SkyPay opens the new key"
        case .neither where !keepsPrevious:
            "SkyPay does not open the new key: check that it was enabled at SkyPay, and give this "
                + "command again with the right one"
        case .noAnswer(let reason) where !keepsPrevious:
            "whether SkyPay opens the new key is not known yet (\(PersonalData.freeText(reason))); "
                + "requests are sealed with it"
        case .previous:
            "SkyPay opens the key before only (a new one works about 5 minutes after it is "
                + "enabled): requests are sealed with it until the new one works"
        case .neither:
            "SkyPay opens neither key: check that the new one was enabled at SkyPay, and give this "
                + "command again with the right one"
        case .noAnswer(let reason):
            "which key SkyPay opens is not known yet (\(PersonalData.freeText(reason))); it is "
                + "asked before anything is sent"
        }
    }
}
