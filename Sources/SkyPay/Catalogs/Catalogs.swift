/// One line of a list of the provider's: a code and what it stands for.
public struct CatalogEntry: Sendable, Equatable {
    /// The code on the wire; an opaque text (`SEC`, `1`).
    public let code: String
    /// The name for people.
    public let name: String
    /// The province of a town; nil in the other lists.
    public let provinceCode: String?

    /// An entry.
    public init(code: String, name: String, provinceCode: String? = nil) {
        self.code = code
        self.name = name
        self.provinceCode = provinceCode
    }
}

/// The provider's lists, as far as they are known (`skypay-api.md §2`, 8). A list that is not known
/// refuses nothing: the provider is the authority.
public struct Catalogs: Sendable {
    /// The entries by list, in the provider's order.
    public private(set) var lists: [CatalogKind: [CatalogEntry]]

    private let byCode: [CatalogKind: [String: [CatalogEntry]]]

    /// Lists as they were fetched. An empty list counts as not known.
    public init(_ lists: [CatalogKind: [CatalogEntry]]) {
        self.lists = lists.filter { !$0.value.isEmpty }
        byCode = self.lists.mapValues { entries in
            Dictionary(grouping: entries, by: \.code)
        }
    }

    /// The entries of a code: one, or a town in each province that has one of this code; nil when
    /// the list is not known.
    public func entries(_ code: String, of kind: CatalogKind) -> [CatalogEntry]? {
        byCode[kind].map { $0[code] ?? [] }
    }

    /// What is wrong with a value that must stand in a list; nil when nothing is, or when the list
    /// is not known.
    func fault(
        of code: String, _ reference: CatalogReference, _ context: FieldContext
    ) -> FormFault? {
        guard let found = entries(code, of: reference.kind) else { return nil }
        guard !found.isEmpty else {
            return FormFault(
                FieldFaultCode.unknownCode,
                "is no code of the provider's list \(reference.kind.rawValue)"
                    + (hint(for: code, in: reference.kind)
                        ?? "; batchrunner catalog refreshes it"))
        }
        guard case .town(let field) = reference, let province = context.text(of: field),
            !province.isEmpty
        else { return nil }
        return found.contains { $0.provinceCode == province }
            ? nil : elsewhere(found, province, field)
    }

    private func elsewhere(
        _ found: [CatalogEntry], _ province: String, _ field: String
    ) -> FormFault {
        let town = found.first
        let home = town?.provinceCode ?? ""
        let name = entries(home, of: .province)?.first.map { " (\($0.name))" } ?? ""
        return FormFault(
            FieldFaultCode.unknownCode,
            "is no town of the row's \(field); \(town?.name ?? "it") is in province \(home)\(name)")
    }

    /// `; did you mean SEC (Security Bank)?` for a text that is nearly a code, or a name; nil
    /// when nothing is near.
    func hint(for text: String, in kind: CatalogKind) -> String? {
        guard let entries = lists[kind] else { return nil }
        let isNumber = text.utf8.allSatisfy(FieldForm.isDigit)
        // Of numbers no other is what was meant; of names one may be.
        let code = isNumber ? nil : Suggestion.nearest(to: text, among: entries.lazy.map(\.code))
        let name = isNumber ? nil : Suggestion.nearest(to: text, among: entries.lazy.map(\.name))
        let sameName = name.flatMap { name in entries.first { $0.name == name } }
        let sameCode = code.flatMap { code in entries.first { $0.code == code } }
        let isExactName = name?.lowercased() == text.lowercased()
        guard let entry = isExactName ? sameName : sameCode ?? sameName else { return nil }
        return "; did you mean \(entry.code) (\(entry.name))?"
    }
}
