/// The provider's lists; the raw values are `catalogType` on the wire (`skypay-api.md §2`, 8).
public enum CatalogKind: String, Sendable, CaseIterable {
    /// 8.1: nationalities.
    case nationality = "getNationality"
    /// 8.2: civil states.
    case civilStatus = "getCivilStatus"
    /// 8.3: kinds of identity documents.
    case identificationType = "getIdentificationType"
    /// 8.4: towns and cities, each in a province.
    case townCity = "getTownCity"
    /// 8.5: provinces.
    case province = "getProvince"
    /// 8.6: banks.
    case bank = "getBankCode"
}

/// Which list a field's value must stand in.
public enum CatalogReference: Sendable, Equatable {
    /// A code of this list.
    case code(of: CatalogKind)
    /// A town's code in the province that another field of the row names.
    case town(provinceField: String)

    /// The list.
    public var kind: CatalogKind {
        switch self {
        case .code(let kind): kind
        case .town: .townCity
        }
    }
}
