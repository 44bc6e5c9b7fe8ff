/// What one field must look like: a row of an `ActionTable`.
///
/// Everything that is said or checked of a field is made from here: faults, `batchrunner fields`,
/// templates, docs/skypay-protocol.md, and the tests that compare runner and provider.
public struct FieldSpecification: Sendable {
    /// When the field must be there.
    public enum Requirement: Sendable, Equatable {
        /// In every row.
        case always
        /// In rows through one of these channels.
        case channels([PayoutChannel])
        /// Never.
        case never
        /// In the request, but not in a row: the configuration or the program has a default.
        case defaulted
        /// In the request; the program alone writes it, and a row that has it is refused.
        case program
    }

    /// How the request carries the value (`skypay-api.md §1`, "Writing").
    public enum Writing: Sendable, Equatable {
        /// A quoted string, as nearly every scalar.
        case text
        /// A JSON number.
        case number
        /// An array of quoted strings; a row has them with spaces between, or as an array.
        case list
    }

    /// The wire name.
    public let name: String
    /// The greatest length of the text in a row, in UTF-16 units (as the provider counts).
    public let maxLength: Int
    /// When it must be there.
    public let required: Requirement
    /// The channels it may be used with; empty for all.
    public let channels: [PayoutChannel]
    /// What its text must look like.
    public let form: FieldForm
    /// The provider's list its value stands in.
    public let catalog: CatalogReference?
    /// How the request carries it.
    public let writing: Writing
    /// The date field of the same row that must not be later.
    public let notBefore: String?
    /// Other names under which a callback may carry it.
    public let aliases: [String]
    /// What people should know besides; may be empty.
    public let note: String

    init(
        _ name: String, _ maxLength: Int, _ required: Requirement,
        channels: [PayoutChannel] = [], form: FieldForm = .text,
        catalog: CatalogReference? = nil, writing: Writing = .text, notBefore: String? = nil,
        aliases: [String] = [], note: String = ""
    ) {
        self.name = name
        self.maxLength = maxLength
        self.required = required
        self.channels = channels
        self.form = form
        self.catalog = catalog
        self.writing = writing
        self.notBefore = notBefore
        self.aliases = aliases
        self.note = note
    }

    /// Whether a batch's row may have it.
    public var standsInRows: Bool { required != .program }

    /// Whether a JSON number may stand for the text in a batch's row.
    public var takesNumber: Bool { form.takesNumber }
}
