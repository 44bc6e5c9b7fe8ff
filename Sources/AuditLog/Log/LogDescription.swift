public import OrderedJSON

/// What `log.json` says of the log; its SHA-256 stands in event 0.
struct LogDescription: Sendable {
    static let format = "auditlog/v1"

    var origin: String
    var created: String
    var rootKey: VerificationKey
    var reservedPrefixes: [String]
    var secretFields: [String]
    var reportProfile: JSONObject

    var bytes: [UInt8] {
        let json: JSONValue = .object([
            "format": .string(Self.format), "origin": .string(origin),
            "created": .string(created), "rootKey": .string(rootKey.text),
            "reservedPrefixes": .array(reservedPrefixes.map { .string($0) }),
            "secretFields": .array(secretFields.map { .string($0) }),
            "reportProfile": .object(reportProfile),
        ])
        return Array(json.prettyText().utf8)
    }

    init(
        origin: String, created: String, rootKey: VerificationKey, options: CreationOptions
    ) {
        self.origin = origin
        self.created = created
        self.rootKey = rootKey
        reservedPrefixes = options.reservedPrefixes
        secretFields = options.secretFields
        reportProfile = options.reportProfile ?? [:]
    }

    init(_ bytes: [UInt8]) throws(AuditLogError) {
        guard let json = try? JSONValue(parsing: bytes), json["format"]?.stringValue == Self.format,
            let origin = json["origin"]?.stringValue,
            let created = json["created"]?.stringValue,
            let key = json["rootKey"]?.stringValue,
            let reserved = json["reservedPrefixes"]?.arrayValue,
            let secret = json["secretFields"]?.arrayValue,
            let profile = json["reportProfile"]?.objectValue
        else { throw AuditLogError(.damaged, "log.json is not a description of a log") }
        self.origin = origin
        self.created = created
        do throws(AuditLogError) {
            rootKey = try VerificationKey(key)
        } catch {
            throw AuditLogError(.damaged, "log.json holds no usable root key", cause: error)
        }
        reservedPrefixes = reserved.compactMap(\.stringValue)
        secretFields = secret.compactMap(\.stringValue)
        reportProfile = profile
        guard origin == rootKey.name else {
            throw AuditLogError(.damaged, "log.json: origin and key name differ")
        }
    }

    static func read(_ layout: LogLayout) throws(AuditLogError) -> LogDescription {
        try LogDescription(try readFile(layout.description))
    }
}

/// How a log is made.
public struct CreationOptions: Sendable {
    /// Name of the log and of its key: no white space, no `+`.
    public var origin: String
    /// Type prefixes only an owner may append, each ending in a dot.
    public var reservedPrefixes: [String]
    /// Names of the fields a report shows; the log itself does not use them.
    public var reportProfile: JSONObject?
    /// Who makes the log.
    public var actor: String
    /// Where from; the log's name when nil.
    public var eventOrigin: String?
    /// Field names that must never enter, in any case.
    public var secretFields: [String]

    /// Fields no log takes unless told otherwise.
    public static let standardSecretFields = [
        "authentication", "passwordKey", "previousPasswordKey", "password", "token", "secret",
        "privateKey", "cvv", "cvc", "pin",
    ]

    /// How a log is made.
    public init(
        origin: String, reservedPrefixes: [String] = [], reportProfile: JSONObject? = nil,
        actor: String, eventOrigin: String? = nil,
        secretFields: [String] = CreationOptions.standardSecretFields
    ) {
        self.origin = origin
        self.reservedPrefixes = reservedPrefixes
        self.reportProfile = reportProfile
        self.actor = actor
        self.eventOrigin = eventOrigin
        self.secretFields = secretFields
    }
}

/// How a log is opened for writing.
public struct OpenOptions: Sendable {
    /// The reserved prefixes this writer owns and may append.
    public var ownerOf: [String]
    /// Who opens it.
    public var actor: String
    /// Where from: a host's name.
    public var origin: String
    /// The most events of one commit; more wait for the next.
    public var commitLimitEvents: Int

    /// How a log is opened.
    public init(
        ownerOf: [String] = [], actor: String, origin: String, commitLimitEvents: Int = 4_096
    ) {
        self.ownerOf = ownerOf
        self.actor = actor
        self.origin = origin
        self.commitLimitEvents = max(1, commitLimitEvents)
    }
}
