import OrderedJSON
import SkyPay

extension RequestRules {
    /// Values that must stand in the catalogs, once every form is right.
    func checkCatalogs(_ fields: JSONObject, _ catalogs: Catalogs) throws(Refusal) {
        func text(_ name: String) -> String? {
            fields[name]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        }
        if let bank = text("bankNo"), !catalogs.hasBank(bank) {
            throw Refusal(.bankNumberIncorrect, "bank number incorrect")
        }
        let province = text("provinceId")
        guard catalogs.agree(provinceId: province, cityId: text("cityId")) else {
            throw Refusal(.bankCityIncorrect, "bank city incorrect")
        }
        if let type = text("identificationTypeId"), !catalogs.hasIdentificationType(type) {
            throw Refusal(.missingParameter, "identificationTypeId is not in the catalog")
        }
    }
}
