import Glibc
import SkyPay

/// `batchrunner catalog`: fetches SkyPay's lists, by which values in batches are checked from then
/// on. A batch is judged by the lists of its moment, and its event names them.
public struct CatalogCommand: Sendable {
    private let session: ProviderSession
    private let kinds: [CatalogKind]

    /// One list after it was fetched, or not.
    public struct Fetched: Sendable {
        /// `getBankCode` and so on.
        public var catalog: String
        /// Lines of the list; nil when it was not fetched.
        public var entries: Int?
        /// Why it was not, with what to do.
        public var problem: String?
        /// What it means for the exit code.
        public var status: ExitStatus
    }

    /// Prepares to fetch lists by their names on the wire; all of them when none is named.
    /// - Throws: `CommandFailure`: usage for a name that is no list, 40 for a bad configuration.
    public init(
        root: String, environment: [String: String], names: [String]
    ) throws(CommandFailure) {
        let known = CatalogKind.allCases.map(\.rawValue)
        var kinds: [CatalogKind] = []
        for name in names {
            guard let kind = CatalogKind(rawValue: name) else {
                throw CommandFailure(
                    .usage,
                    "\"\(shown(name))\" is no list of SkyPay's"
                        + Suggestion.sentence(for: name, among: known)
                        + "; there are " + known.joined(separator: ", "))
            }
            kinds.append(kind)
        }
        self.kinds = kinds.isEmpty ? CatalogKind.allCases : kinds
        session = try ProviderSession(root: root, environment: environment)
    }

    /// Fetches and keeps each list; one that cannot be fetched stays as it was.
    public func fetch(_ told: (Fetched) -> Void) async throws -> ExitStatus {
        let cache = CatalogCache(folder: session.folder.catalogs)
        var statuses: [ExitStatus] = []
        for kind in kinds {
            let outcome = await session.client.catalog(kind)
            let fetched: Fetched
            do {
                fetched = try keep(outcome, kind, cache)
            } catch {
                await session.close()
                throw CommandFailure(error)
            }
            statuses.append(fetched.status)
            told(fetched)
        }
        await session.close()
        return ExitStatus.winning(statuses)
    }

    private func keep(
        _ outcome: ListOutcome<CatalogEntry>, _ kind: CatalogKind, _ cache: CatalogCache
    ) throws -> Fetched {
        func failed(_ reason: String, _ status: ExitStatus = .providerUnavailable) -> Fetched {
            Fetched(
                catalog: kind.rawValue, entries: nil,
                problem: reason + "; the list stays as it was", status: status)
        }
        switch outcome {
        case .list(let entries):
            // An empty list would refuse every value; SkyPay has none.
            guard !entries.isEmpty else { return failed("SkyPay's list is empty", .rowsOpen) }
            try cache.store(entries, of: kind, fetchedAt: Int64(time(nil)))
            return Fetched(
                catalog: kind.rawValue, entries: entries.count, problem: nil, status: .allDone)
        case .refused(let answer):
            return failed("SkyPay answered \(answer.code.rawValue) (\(answer.code.summary))")
        case .certainlyNotSent(let reason): return failed("SkyPay cannot be reached: \(reason)")
        case .unknown(let reason): return failed("no readable answer: \(reason)")
        }
    }
}
