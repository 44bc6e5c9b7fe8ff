import OrderedJSON

/// The six catalogs of `skypay-api.md §8`, invented but plausible. Production answers are the
/// authority: nothing here may be taken for SkyPay's own numbers.
struct Catalogs: Sendable {
    /// The catalogs of every sandbox.
    static let standard = Catalogs()

    private let banks = Set(CatalogTexts.banks.map(\.code))
    private let provinces: [(id: Int, name: String, towns: [(id: Int, name: String)])]

    private init() {
        var nextTown = 1
        provinces = CatalogTexts.provinces.split(separator: "\n").enumerated().map { line in
            let parts = line.element.split(separator: ":", maxSplits: 1).map(String.init)
            let towns = (parts.last ?? "").split(separator: ",").map { name in
                defer { nextTown += 1 }
                return (id: nextTown, name: String(name.drop { $0 == " " }))
            }
            return (line.offset + 1, parts.first ?? "", towns)
        }
    }

    /// Whether there is such a bank; codes are opaque, and their letters' case counts.
    func hasBank(_ code: String) -> Bool { banks.contains(code) }

    /// Whether there is such an identification type. Codes are texts: `01` is not `1`.
    func hasIdentificationType(_ id: String) -> Bool {
        CatalogTexts.identificationTypes.indices.contains { String($0 + 1) == id }
    }

    /// Whether the province exists, and the town lies in it. Either may be left out; a town without
    /// its province only has to exist.
    func agree(provinceId: String?, cityId: String?) -> Bool {
        let candidates: [(id: Int, name: String, towns: [(id: Int, name: String)])]
        if let provinceId {
            candidates = provinces.filter { String($0.id) == provinceId }
            if candidates.isEmpty { return false }
        } else {
            candidates = provinces
        }
        guard let cityId else { return true }
        return candidates.contains { $0.towns.contains { String($0.id) == cityId } }
    }

    /// The rows of a catalog by the name SkyPay gives it; nil for any other name.
    func rows(_ catalogType: String) -> [JSONValue]? {
        switch catalogType {
        case "getNationality":
            Self.numbered(CatalogTexts.nationalities, "NationalityId", "NationalityName")
        case "getCivilStatus":
            Self.numbered(CatalogTexts.civilStatuses, "CivilStatusId", "CivilStatus")
        case "getIdentificationType":
            Self.numbered(
                CatalogTexts.identificationTypes, "IdentificationId", "IdentificationType")
        case "getProvince":
            provinces.map { ["ProvinceId": Self.text($0.id), "Province": .string($0.name)] }
        case "getTownCity":
            provinces.flatMap { province in
                province.towns.map { town in
                    [
                        "ProvinceId": Self.text(province.id), "TownCityId": Self.text(town.id),
                        "TownCity": .string(town.name),
                    ]
                }
            }
        case "getBankCode":
            CatalogTexts.banks.map { ["BankCode": .string($0.code), "BankName": .string($0.name)] }
        default: nil
        }
    }

    private static func numbered(
        _ names: [String], _ idName: String, _ textName: String
    ) -> [JSONValue] {
        names.enumerated().map { index, name in
            .object(JSONObject([(idName, text(index + 1)), (textName, .string(name))]))
        }
    }

    private static func text(_ id: Int) -> JSONValue { .string(String(id)) }
}
