import OrderedJSON
import SkyPay
import SkyPaySandbox
import Testing

/// For every field of every action: the longest valid value, one too long, none, other kinds, other
/// forms. Three must agree on each: what the table says, the runner's check, and the provider's
/// rules, which were written apart.
@Suite("The field tables, probed")
struct FieldTableTests {
    /// The codes a provider answers when a request's fields are wrong, whatever its state.
    static let refusals: Set<String> = ["-1011", "-1014", "-1020", "-1021", "-1022"]

    @Test("Runner and provider agree on every verdict", arguments: SkyPayAction.allCases)
    func agree(_ action: SkyPayAction) async throws {
        let table = try #require(action.table)
        var settings = SandboxSettings()
        settings.controlNumberPrefix = "SKY99"
        settings.balance = Amount(centavos: 8_000_000_000_000_000_000)
        settings.checksCatalogs = false
        let probes = FieldProbe.all(of: table)
        try await Counterparts.run(settings) { both in
            for (number, probe) in probes.enumerated() {
                let row = probe.row(number: number)
                let faults = table.validate(row, controlNumberPrefix: "SKY99")
                #expect(faults.isEmpty == probe.isValid, "\(probe): \(faults.map(\.message))")
                // What the program writes itself is not a row's to get wrong.
                if probe.kind == .program { continue }
                let code = await both.code(
                    action.rawValue, Wire.fields(of: probe, row, both.client))
                #expect(
                    Self.refusals.contains(code) == !probe.isValid,
                    "\(probe): the provider answered \(code)")
            }
        }
        #expect(probes.count > 10 * table.rowFields.count)
    }

    @Test(
        "Registrations, which no provider sees, are checked by the same table",
        arguments: ["registerPayout", "registerCollection"])
    func registrations(_ name: String) throws {
        let table = try #require(ActionTable.of(name))
        let probes = FieldProbe.all(of: table)
        for (number, probe) in probes.enumerated() {
            let faults = table.validate(probe.row(number: number), controlNumberPrefix: "SKY99")
            #expect(faults.isEmpty == probe.isValid, "\(probe): \(faults.map(\.message))")
            let named = faults.allSatisfy { $0.field == probe.field }
            #expect(named, "\(probe): \(faults.map(\.field))")
        }
        #expect(probes.count > 10 * table.fields.count)
    }

    @Test(
        "No fault's message repeats a value of the row",
        arguments: ActionTable.batchActions.map(\.name))
    func nothingLeaks(_ name: String) throws {
        let table = try #require(ActionTable.of(name))
        for probe in FieldProbe.all(of: table) {
            guard let text = probe.value?.stringValue, text.utf8.count > 8 else { continue }
            for fault in table.validate(probe.row(number: 1), controlNumberPrefix: "SKY99") {
                #expect(!fault.message.contains(text), "\(probe): \(fault.message)")
            }
        }
    }

    @Test("Every batch action's example and template are taken as they are")
    func examples() {
        for table in ActionTable.batchActions {
            let channels = table.channels.isEmpty ? [nil] : table.channels.map(Optional.some)
            for channel in channels {
                let everything = Set(
                    table.rowFields.filter { field in
                        field.channels.isEmpty || channel.map(field.channels.contains) == true
                    }.map(\.name))
                for more in [[], everything] {
                    let example = table.exampleRow(channel: channel, more: more)
                    let row = JSONObject(example.map { ($0.0, .string($0.1)) })
                    #expect(table.validate(row, controlNumberPrefix: "SKY99") == [])
                }
            }
        }
    }
}

/// How a row stands in the request.
private enum Wire {
    static func fields(
        of probe: FieldProbe, _ row: JSONObject, _ client: SkyPayClient
    ) -> JSONObject {
        var row = row
        // The runner adds what the configuration has, and refuses what is not a text; the provider
        // is asked about the value as it stands.
        let isWithoutSender = row["sender"] == nil || row["sender"] == ""
        if probe.table.field("sender") != nil, isWithoutSender { row["sender"] = "Acme" }
        let raw = probe.kind == .wrongType ? probe.value : nil
        if raw != nil { row[probe.field] = nil }
        guard let action = SkyPayAction(rawValue: probe.table.name) else { return row }
        var wire = members(client.prepare(action, fields: row))
        if let raw { wire[probe.field] = raw }
        switch action {
        case .cancelPayout, .payoutQueryStatus:
            return ["controlNumbers": [.object(wire)]]
        case .getReportPayout, .getReportCollection:
            wire["pagination"] = 1
            wire["pageSize"] = 100
        case .getCatalog: wire["versionDate"] = ""
        default: break
        }
        return wire
    }

    private static func members(_ request: PreparedRequest) -> JSONObject {
        let value = try? JSONValue(parsing: request.json)
        let members = (value?.objectValue?.members ?? []).dropFirst(3)
        return JSONObject(members.map { ($0.name, $0.value) })
    }
}
