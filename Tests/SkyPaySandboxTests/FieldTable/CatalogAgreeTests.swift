import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

/// Values of the provider's lists, as the runner fetches them and as the provider holds them.
@Suite("Runner and provider agree about the lists")
struct CatalogAgreeTests {
    private func catalogs(_ client: SkyPayClient) async throws -> Catalogs {
        var lists: [CatalogKind: [CatalogEntry]] = [:]
        for kind in CatalogKind.allCases {
            guard case .list(let entries) = await client.catalog(kind) else {
                Issue.record("\(kind) was not read")
                continue
            }
            #expect(!entries.isEmpty, "\(kind)")
            lists[kind] = entries
        }
        return Catalogs(lists)
    }

    /// Rows that differ in values of lists only: known ones, unknown ones, towns of other provinces.
    private func rows(_ catalogs: Catalogs) throws -> [[String: String]] {
        let banks = catalogs.lists[.bank] ?? []
        let towns = catalogs.lists[.townCity] ?? []
        let types = catalogs.lists[.identificationType] ?? []
        let provinces = Set(towns.compactMap(\.provinceCode)).sorted()
        #expect(banks.count > 5 && towns.count > 5 && types.count > 5 && provinces.count > 1)
        var rows =
            banks.map { ["bankNo": $0.code] }
            + ["ZZZ", "sec", "Security Bank"].map {
                ["bankNo": $0]
            }
        rows += (types.map(\.code) + ["0", "01", "99", "999"]).map { ["identificationTypeId": $0] }
        for town in towns.prefix(20) {
            for province in provinces.prefix(4) + ["99999"] {
                rows.append(["provinceId": province, "cityId": town.code])
            }
        }
        return rows
            + [
                ["provinceId": "99999"], ["cityId": "99999"], ["provinceId": "01"],
                ["cityId": "01"],
            ]
    }

    @Test("For every bank and identification type, and for towns in their province and in others")
    func agree() async throws {
        var settings = SandboxSettings()
        settings.controlNumberPrefix = "SKY99"
        settings.balance = Amount(centavos: 8_000_000_000_000_000_000)
        try await Counterparts.run(settings) { both in
            let catalogs = try await catalogs(both.client)
            var verdicts: Set<Bool> = []
            for (number, values) in try rows(catalogs).enumerated() {
                let example = ActionTable.payoutQueue.exampleRow(channel: .bank)
                var row = JSONObject(example.map { ($0.0, .string($0.1)) })
                row["sender"] = "Acme"
                row["controlNumber"] = .string("SKY99\(20_000_000 + number)")
                for (name, value) in values { row[name] = .string(value) }
                let faults = ActionTable.payoutQueue.validate(
                    row, controlNumberPrefix: "SKY99", catalogs: catalogs)
                let code = await both.code("payoutQueue", row)
                #expect(
                    faults.isEmpty != FieldTableTests.refusals.contains(code),
                    "\(values): \(faults.map(\.message)), the provider answered \(code)")
                verdicts.insert(faults.isEmpty)
            }
            #expect(verdicts == [true, false])
        }
    }
}
