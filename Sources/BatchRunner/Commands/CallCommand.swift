import Glibc
public import OrderedJSON
import SkyPay

/// `batchrunner call`: one action by hand. What moves money, changes a payout or has rules of time
/// is a journalled batch of one row; a plain question is asked directly, also beside a daemon.
public struct CallCommand: Sendable {
    private let table: ActionTable
    let row: JSONObject
    /// The same transfer is meant once more (`--again`).
    let isRepetition: Bool

    /// Checks action and fields.
    /// - Parameters:
    ///   - fields: `name=value` each, the wire names of the action's fields.
    ///   - isRepetition: a transfer that is open, or was made within a day, is meant once more.
    /// - Throws: `CommandFailure` (usage) for what is no action, no field, or not of its form.
    public init(
        action: String, fields: [String], isRepetition: Bool = false
    ) throws(CommandFailure) {
        self.isRepetition = isRepetition
        let known = ActionFields.supportedActions
        guard let table = ActionTable.of(action), known.contains(action) else {
            throw CommandFailure(
                .usage,
                "\"\(shown(action))\" is no action" + Suggestion.sentence(for: action, among: known)
                    + "; there are " + known.joined(separator: ", "))
        }
        self.table = table
        var row = JSONObject()
        for field in fields {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw CommandFailure(.usage, "write --field NAME=VALUE, such as amount=1500.00")
            }
            guard row[String(parts[0])] == nil else {
                throw CommandFailure(.usage, "the field \(shown(String(parts[0]))) is given twice")
            }
            row[String(parts[0])] = .string(String(parts[1]))
        }
        self.row = row
    }

    /// Whether the call is a batch of one row.
    public var isJournalled: Bool {
        switch ActionFamily.of(table.name) {
        case .enquiry, nil: false
        case .payout, .order, .transfer, .statusEnquiry, .barCode, .registration: true
        }
    }

    /// The faults a plain question must not have; a journalled row is judged as in any batch.
    private func check(_ configuration: RunnerConfiguration) throws(CommandFailure) {
        let faults = table.validate(
            row, controlNumberPrefix: configuration.skypay.controlNumberPrefix, catalogs: nil)
        guard let first = faults.first else { return }
        throw CommandFailure(
            .usage,
            ([first] + faults.dropFirst()).map(\.message).joined(separator: "; ")
                + "; see `batchrunner fields \(table.name)`")
    }

    /// The batch of one row, as JSON.
    func batch(id: String, mode: String) -> [UInt8] {
        var batch: JSONObject = [
            "batch": .string(id), "action": .string(table.name), "mode": .string(mode), "count": 1,
        ]
        // A malformed amount makes the file unprovable; so the reader names the fault.
        if table.hasAmount { batch["amount"] = row["amount"] ?? "0.00" }
        batch["items"] = [.object(row)]
        return JSONValue.object(batch).bytes() + [0x0A]
    }

    /// What the file of the call is named after.
    var action: String { table.name }

    /// Asks a plain question and gives out SkyPay's answer: one object, or one for each line of a
    /// list.
    public func ask(
        root: String, environment: [String: String], _ told: (JSONValue) -> Void
    ) async throws -> ExitStatus {
        let session = try ProviderSession(root: root, environment: environment)
        do {
            try check(session.configuration)
            let status = try await ask(session.client, told)
            await session.close()
            return status
        } catch {
            await session.close()
            throw CommandFailure(error)
        }
    }

    private func ask(
        _ client: SkyPayClient, _ told: (JSONValue) -> Void
    ) async throws -> ExitStatus {
        guard let action = SkyPayAction(rawValue: table.name) else { return .usage }
        if let query = ReportQuery(action, row: row) {
            return try await read(query, client, told)
        }
        var fields = row
        if action == .getCatalog { fields["versionDate"] = "" }
        switch await client.send(client.prepare(action, fields: fields)) {
        case .certainlyNotSent(let reason): throw Self.unreachable(reason)
        case .unknown(let reason): throw Self.unreadable(reason)
        case .answered(let answer):
            guard answer.code == .success else { throw Self.refused(answer) }
            guard let shape = AnswerShape.of(table.name) else { return .allDone }
            if let fault = shape.fault(in: answer.fields) { throw Self.unreadable(fault) }
            guard shape.list != nil else {
                told(.object(shape.object(answer.fields)))
                return .allDone
            }
            for entry in shape.entries(of: answer.fields) ?? [] { told(.object(entry)) }
            return .allDone
        }
    }

    private func read(
        _ query: ReportQuery, _ client: SkyPayClient, _ told: (JSONValue) -> Void
    ) async throws -> ExitStatus {
        let reading = ReportReading(client: client, query: query)
        switch try await reading.read({ told(.object($0)) }) {
        case .whole: return .allDone
        case .stopped(.answered(let answer)): throw Self.refused(answer)
        case .stopped(.certainlyNotSent(let reason)): throw Self.unreachable(reason)
        case .stopped(.unknown(let reason)): throw Self.unreadable(reason)
        }
    }

    private static func unreachable(_ reason: String) -> CommandFailure {
        CommandFailure(.providerUnavailable, "SkyPay cannot be reached: \(reason)")
    }

    private static func unreadable(_ reason: String) -> CommandFailure {
        CommandFailure(.rowsOpen, "no readable answer: \(reason); ask again")
    }

    private static func refused(_ answer: Answer) -> CommandFailure {
        CommandFailure(
            .rowsRefused,
            "SkyPay answered \(answer.code.rawValue) (\(answer.code.summary)): "
                + PersonalData.freeText(answer.description))
    }
}
