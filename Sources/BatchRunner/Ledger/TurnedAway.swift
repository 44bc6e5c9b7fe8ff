import GRDB

/// Since when SkyPay turns an action away though it answers balance queries: from the first time on, until
/// it takes or refuses one again. Of the action and not of each row, or a batch of thousands would have as
/// many days, a few rows at a time. Folded into the ledger's table `meta`.
struct TurnedAway {
    let database: Database

    private static let prefix = "turnedAway."
    /// The first name behind all that begin so.
    private static let behind = "turnedAway/"

    /// SkyPay turned it away at `time` (unix seconds).
    func begin(_ action: String, at time: Int64) throws {
        try database.execute(
            kept: "INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)",
            arguments: [Self.prefix + action, String(time)])
    }

    /// SkyPay answered a request of it otherwise.
    /// - Parameter action: asked for only where some action is turned away at all.
    func end(_ action: @autoclosure () throws -> String?) throws {
        let isAny = try Bool.fetchOne(
            database, kept: "SELECT EXISTS (SELECT 1 FROM meta WHERE name > ? AND name < ?)",
            arguments: [Self.prefix, Self.behind])
        guard isAny == true, let action = try action() else { return }
        try database.execute(
            kept: "DELETE FROM meta WHERE name = ?", arguments: [Self.prefix + action])
    }

    /// Unix seconds; nil while it is not.
    func since(_ action: String) throws -> Int64? {
        try KeyFold.value(database, Self.prefix + action).flatMap(Int64.init)
    }
}

extension Ledger {
    /// Since when SkyPay turns an action away (unix seconds); nil while it does not.
    func turnedAwaySince(_ action: String) throws -> Int64? {
        try lookUp { try TurnedAway(database: $0).since(action) }
    }
}
