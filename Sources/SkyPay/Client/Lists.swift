public import OrderedJSON

/// What asking for a list brought: the finance notifications of some days, or a catalog.
public enum ListOutcome<Element: Sendable>: Sendable {
    /// SkyPay's list; it may be empty.
    case list([Element])
    /// SkyPay answered with a code other than 1000.
    case refused(Answer)
    /// No connection; SkyPay never saw the question.
    case certainlyNotSent(reason: String)
    /// No readable answer; it may be asked again.
    case unknown(reason: String)
}

extension SkyPayClient {
    /// 6.5: movements on the partner's accounts between two days, both included.
    public func notifications(
        from: String, through: String, statementTypes: [Int] = Array(1...6)
    ) async -> ListOutcome<FinanceNotification> {
        let request = prepareNotificationInquiry(
            from: from, through: through, statementTypes: statementTypes)
        return Self.list(await send(request), FinanceNotification.list)
    }

    /// 8: one of the provider's lists.
    public func catalog(_ kind: CatalogKind) async -> ListOutcome<CatalogEntry> {
        Self.list(await send(prepareCatalog(kind))) { CatalogEntry.list(in: $0, of: kind) }
    }

    private static func list<Element>(
        _ outcome: SendOutcome, _ read: (JSONObject) -> [Element]?
    ) -> ListOutcome<Element> {
        switch outcome {
        case .certainlyNotSent(let reason): return .certainlyNotSent(reason: reason)
        case .unknown(let reason): return .unknown(reason: reason)
        case .answered(let answer):
            guard answer.code == .success else { return .refused(answer) }
            guard let elements = read(answer.fields) else {
                return .unknown(reason: "the answer has no list, or a line that cannot be read")
            }
            return .list(elements)
        }
    }
}

extension FinanceNotification {
    /// The notifications in an answer to notificationInquiry; nil when there is no list, or a
    /// line that cannot be read.
    public static func list(in fields: JSONObject) -> [FinanceNotification]? {
        guard let value = fields.caseInsensitive("notifications") else { return nil }
        if value.isAbsent { return [] }
        return value.arrayValue?.wholly { element in
            element.objectValue.flatMap { try? Callback.notification(CallbackFields($0)) }
        }
    }
}

extension CatalogEntry {
    /// The entries in an answer to getCatalog; nil when there is no list, or a line without a
    /// code or a name.
    public static func list(in fields: JSONObject, of kind: CatalogKind) -> [CatalogEntry]? {
        guard let value = fields.caseInsensitive("result") else { return nil }
        if value.isAbsent { return [] }
        let names = kind.wireNames
        return value.arrayValue?.wholly { element in
            func text(_ name: String) -> String? {
                element.objectValue?.caseInsensitive(name)?.scalarText
            }
            guard let code = text(names.code), !code.isEmpty, let name = text(names.name) else {
                return nil
            }
            return CatalogEntry(
                code: code, name: name, provinceCode: names.province.flatMap(text))
        }
    }
}

extension CatalogKind {
    /// The names of a line's members on the wire.
    var wireNames: (code: String, name: String, province: String?) {
        switch self {
        case .nationality: ("NationalityId", "NationalityName", nil)
        case .civilStatus: ("CivilStatusId", "CivilStatus", nil)
        case .identificationType: ("IdentificationId", "IdentificationType", nil)
        case .townCity: ("TownCityId", "TownCity", "ProvinceId")
        case .province: ("ProvinceId", "Province", nil)
        case .bank: ("BankCode", "BankName", nil)
        }
    }
}

extension [JSONValue] {
    /// All elements read, or nil when one cannot be.
    fileprivate func wholly<Line>(_ read: (JSONValue) -> Line?) -> [Line]? {
        let elements = compactMap(read)
        return elements.count == count ? elements : nil
    }
}
