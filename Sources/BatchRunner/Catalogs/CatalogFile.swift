import OrderedJSON
import SkyPay

/// The provider's lists as bytes in `state/catalogs`.
enum CatalogFile {
    /// Bytes of one file at most; the longest real list, the towns, has some 120 KB.
    static let maxBytes = 16 << 20

    /// One list, with the time it was fetched.
    static func bytes(
        _ entries: [CatalogEntry], of kind: CatalogKind, fetchedAt: Int64
    ) -> [UInt8] {
        var object = json(entries, of: kind)
        object["fetchedAt"] = .string(PhilippineTime.rfc3339(unixSeconds: fetchedAt))
        return JSONValue.object(object).bytes() + [0x0A]
    }

    /// All lists of a moment: the same lists give the same bytes.
    static func bytes(_ catalogs: Catalogs) -> [UInt8] {
        let lists = CatalogKind.allCases.compactMap { kind in
            catalogs.lists[kind].map { JSONValue.object(json($0, of: kind)) }
        }
        return JSONValue.object(["catalogs": .array(lists)]).bytes() + [0x0A]
    }

    /// The list in a file; nil when it is none of this kind.
    static func entries(_ bytes: [UInt8], of kind: CatalogKind) -> [CatalogEntry]? {
        guard let value = try? JSONValue(parsing: bytes),
            value["catalogType"]?.stringValue == kind.rawValue
        else { return nil }
        return entries(value)
    }

    /// The lists of a moment; nil when the bytes are something else.
    static func catalogs(_ bytes: [UInt8]) -> Catalogs? {
        guard let lists = (try? JSONValue(parsing: bytes))?["catalogs"]?.arrayValue else {
            return nil
        }
        var read: [CatalogKind: [CatalogEntry]] = [:]
        for list in lists {
            guard let kind = list["catalogType"]?.stringValue.flatMap(CatalogKind.init(rawValue:)),
                let entries = entries(list)
            else { return nil }
            read[kind] = entries
        }
        return Catalogs(read)
    }

    private static func json(_ entries: [CatalogEntry], of kind: CatalogKind) -> JSONObject {
        let lines = entries.map { entry -> JSONValue in
            var object: JSONObject = ["code": .string(entry.code), "name": .string(entry.name)]
            object["province"] = entry.provinceCode.map { .string($0) }
            return .object(object)
        }
        return ["catalogType": .string(kind.rawValue), "entries": .array(lines)]
    }

    private static func entries(_ list: JSONValue) -> [CatalogEntry]? {
        guard let lines = list["entries"]?.arrayValue else { return nil }
        let entries = lines.compactMap { line -> CatalogEntry? in
            guard let code = line["code"]?.stringValue, let name = line["name"]?.stringValue else {
                return nil
            }
            return CatalogEntry(
                code: code, name: name, provinceCode: line["province"]?.stringValue)
        }
        return entries.count == lines.count ? entries : nil
    }
}
