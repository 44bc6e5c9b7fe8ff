package import Dispatch
public import OrderedJSON

/// What `log.json` says of the log; its SHA-256 stands in event 0.
struct LogDescription: Sendable {
    static let format = "auditlog/v1"

    var origin: String
    var created: String
    var rootKey: VerificationKey
    var reservedPrefixes: [String]
    var secretFields: [String]
    var indexedFields: [String]
    var personalFields: [String]
    var sealedFields: [String]
    var reportProfile: JSONObject

    var bytes: [UInt8] {
        func list(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
        let json: JSONValue = .object([
            "format": .string(Self.format), "origin": .string(origin),
            "created": .string(created), "rootKey": .string(rootKey.text),
            "reservedPrefixes": list(reservedPrefixes), "secretFields": list(secretFields),
            "indexedFields": list(indexedFields), "personalFields": list(personalFields),
            "sealedFields": list(sealedFields),
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
        indexedFields = options.indexedFields
        personalFields = options.personalFields
        sealedFields = options.sealedFields
        reportProfile = options.reportProfile ?? [:]
    }

    init(_ bytes: [UInt8]) throws(AuditLogError) {
        guard let json = try? JSONValue(parsing: bytes), json["format"]?.stringValue == Self.format,
            let origin = json["origin"]?.stringValue,
            let created = json["created"]?.stringValue,
            let key = json["rootKey"]?.stringValue,
            let reserved = Self.names(json["reservedPrefixes"]),
            let secret = Self.names(json["secretFields"]),
            let indexed = Self.names(json["indexedFields"]),
            let personal = Self.names(json["personalFields"]),
            let sealed = Self.names(json["sealedFields"]),
            let profile = json["reportProfile"]?.objectValue
        else { throw AuditLogError(.damaged, "log.json is not a description of a log") }
        self.origin = origin
        self.created = created
        do throws(AuditLogError) {
            rootKey = try VerificationKey(key)
        } catch {
            throw AuditLogError(.damaged, "log.json holds no usable root key", cause: error)
        }
        (reservedPrefixes, secretFields) = (reserved, secret)
        (indexedFields, personalFields, sealedFields) = (indexed, personal, sealed)
        reportProfile = profile
        guard origin == rootKey.name else {
            throw AuditLogError(.damaged, "log.json: origin and key name differ")
        }
    }

    private static func names(_ json: JSONValue?) -> [String]? {
        guard let elements = json?.arrayValue else { return nil }
        let names = elements.compactMap(\.stringValue)
        return names.count == elements.count ? names : nil
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

    /// Members of `subject` that indexes find events by, besides type, actor and pseudonyms.
    public var indexedFields: [String]
    /// Members of `subject` and `data` whose value is a person's account or identity number: only its
    /// last four characters and a keyed pseudonym enter.
    public var personalFields: [String]
    /// Those whose whole value also enters, encrypted with the key of the month; destroying that key
    /// shreds it.
    public var sealedFields: [String]

    /// What a log is searched by unless told otherwise.
    public static let standardIndexedFields = ["file", "batch", "controlNumber", "reference"]
    /// Personal fields unless told otherwise.
    public static let standardPersonalFields = ["account", "accountNumber", "identityNumber"]

    /// Fields no log takes unless told otherwise.
    public static let standardSecretFields = [
        "authentication", "passwordKey", "previousPasswordKey", "password", "token", "secret",
        "privateKey", "cvv", "cvc", "pin",
    ]

    /// How a log is made.
    public init(
        origin: String, reservedPrefixes: [String] = [], reportProfile: JSONObject? = nil,
        actor: String, eventOrigin: String? = nil,
        secretFields: [String] = CreationOptions.standardSecretFields,
        indexedFields: [String] = CreationOptions.standardIndexedFields,
        personalFields: [String] = CreationOptions.standardPersonalFields,
        sealedFields: [String] = []
    ) {
        self.origin = origin
        self.reservedPrefixes = reservedPrefixes
        self.reportProfile = reportProfile
        self.actor = actor
        self.eventOrigin = eventOrigin
        self.secretFields = secretFields
        self.indexedFields = indexedFields
        self.personalFields = personalFields
        self.sealedFields = sealedFields
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
    /// A segment this long is sealed, in bytes; the first event of a later day (+08:00) seals it
    /// whatever its length.
    public var sealBytes: Int64

    /// Whether archives and their manifests get the immutable flag, where the system allows it.
    public var immutableSeals: Bool

    /// Where the writer's blocking file work runs, one step after the other; nil gives it a thread
    /// of its own.
    public var executor: (any SerialExecutor)?

    /// Segments up to this many bytes are sealed while others wait; of larger ones so much may be left for
    /// the moment of the rotation.
    package var sealAtOnceBytes: Int64 = 1 << 20
    /// Where the archive of a larger one is made; nil gives it a thread of its own.
    package var sealingQueue: DispatchQueue?

    /// 32 MiB: about 700,000 events of 350 bytes, sealed anew in a few seconds.
    public static let standardSealBytes: Int64 = 32 << 20

    /// How a log is opened.
    public init(
        ownerOf: [String] = [], actor: String, origin: String, commitLimitEvents: Int = 4_096,
        sealBytes: Int64 = OpenOptions.standardSealBytes, immutableSeals: Bool = false
    ) {
        self.ownerOf = ownerOf
        self.actor = actor
        self.origin = origin
        self.commitLimitEvents = max(1, commitLimitEvents)
        self.sealBytes = max(1, sealBytes)
        self.immutableSeals = immutableSeals
    }
}
