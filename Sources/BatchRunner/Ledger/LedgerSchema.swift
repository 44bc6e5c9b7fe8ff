import GRDB

/// The ledger's tables. The ledger is an index over the audit log: every column is folded from
/// events and the private file copies, so the whole file may be deleted and is made again.
enum LedgerSchema {
    /// Raised when a table changes: an older ledger is dropped and folded anew.
    static let version = 13
    /// Versions whose snapshots in the log this one takes, `complete` what they lack: a ledger of a log
    /// whose front is gone begins with one. A version that raises the number says here what it can still
    /// read, and converts the others (docs/decisions/0031-snapshots.md).
    static let readableSnapshots: Set<Int> = [12, 13]

    /// The condition of the index of open rows, word by word: SQLite takes a partial index only for a
    /// query that says its condition again.
    static let rowIsOpen = "state NOT IN ('rejected', 'paid', 'failed', 'cancelled', 'refused')"
    /// The same of the index of unknown rows that may be sent again.
    static let mayBeRepeated =
        "state = 'unknown' AND timesNotFound >= \(PayoutPolicy.notFoundBeforeResend)"

    /// Makes the tables; drops those of another version first, but for how far it had followed the log.
    static func prepare(_ database: Database) throws {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        if found == version { return }
        let place = try LedgerPlace.furthest(database)
        let known = ["meta", "files", "rows", "responses", "callbacks", "registrations"]
        for table in known + RequestTables.names + FindingTable.names {
            try database.execute(sql: "DROP TABLE IF EXISTS \(table)")
        }
        try database.execute(
            sql: tables + RequestTables.sql + RegistrationTable.schema + FindingTable.sql)
        try place?.keepAsEarlier(database)
        try database.execute(sql: "PRAGMA user_version = \(version)")
    }

    /// Fills in what snapshots of older versions do not have, from what they have.
    static func complete(_ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE requests SET claimSequence =
                    (SELECT f.claimSequence FROM files AS f WHERE f.fileId = requests.fileId)
                WHERE claimSequence = 0
                """)
    }

    private static let tables = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE files (
            fileId TEXT PRIMARY KEY, sender TEXT NOT NULL, name TEXT NOT NULL,
            outputName TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
            sideSha256 TEXT, identity TEXT NOT NULL, receivedAt TEXT NOT NULL,
            claimSequence INTEGER NOT NULL, judgings INTEGER NOT NULL DEFAULT 0,
            kind TEXT, verdict TEXT, reason TEXT, details TEXT, verdictSequence INTEGER,
            batch TEXT, sequence INTEGER, action TEXT, mode TEXT, form TEXT, columns TEXT,
            duplicateOf TEXT, acknowledged INTEGER NOT NULL DEFAULT 0,
            resultPrepared INTEGER NOT NULL DEFAULT 0, finalPrepared INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        CREATE INDEX filesByContent ON files (sender, sha256);
        CREATE INDEX filesByBatch ON files (sender, batch);
        CREATE INDEX filesBySequence ON files (sender, sequence) WHERE sequence IS NOT NULL;
        CREATE INDEX filesByDay ON files (sender, receivedAt);
        CREATE INDEX filesByName ON files (sender, name);
        CREATE INDEX filesUnjudged ON files (claimSequence) WHERE verdict IS NULL;
        CREATE INDEX filesUnacknowledged ON files (claimSequence)
            WHERE verdict IS NOT NULL AND acknowledged = 0;
        CREATE INDEX filesWithoutResult ON files (claimSequence)
            WHERE verdict IN ('accepted', 'partial') AND acknowledged = 1 AND resultPrepared = 0;
        CREATE INDEX filesWithoutFinal ON files (claimSequence)
            WHERE resultPrepared = 1 AND finalPrepared = 0;
        CREATE INDEX filesByVerdict ON files (verdictSequence);

        CREATE TABLE rows (
            fileId TEXT NOT NULL, row INTEGER NOT NULL, line INTEGER NOT NULL, item INTEGER,
            offset INTEGER NOT NULL, length INTEGER NOT NULL,
            controlNumber TEXT, amount INTEGER, state TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, possiblySent INTEGER NOT NULL DEFAULT 0,
            timesNotFound INTEGER NOT NULL DEFAULT 0, numberInUse INTEGER NOT NULL DEFAULT 0,
            lastSentAt INTEGER, lastQueriedAt INTEGER, unknownSince INTEGER,
            timesUnanswered INTEGER NOT NULL DEFAULT 0,
            queryAsked INTEGER NOT NULL DEFAULT 0, reports INTEGER NOT NULL DEFAULT 0,
            askPace INTEGER, askSince INTEGER,
            bodySha256 TEXT, lastCode TEXT,
            lastDescription TEXT, reference TEXT,
            outcome TEXT, outcomeCode TEXT, outcomeDescription TEXT, outcomeAttempts INTEGER,
            outcomeAt TEXT, final TEXT, finalDescription TEXT, finalAt TEXT,
            faults TEXT, doubtDecrypted INTEGER NOT NULL DEFAULT 1,
            PRIMARY KEY (fileId, row)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX rowsByControlNumber ON rows (controlNumber) WHERE state != 'rejected';
        CREATE INDEX rowsByState ON rows (state, fileId, row) WHERE \(rowIsOpen);
        CREATE INDEX rowsToRepeat ON rows (fileId, row) WHERE \(mayBeRepeated);
        CREATE INDEX rowsToAsk ON rows (askPace, askSince) WHERE askPace IS NOT NULL;

        CREATE TABLE responses (
            fileId TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, number INTEGER,
            sha256 TEXT NOT NULL,
            bytes INTEGER NOT NULL, published INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (fileId, name)
        ) WITHOUT ROWID;
        CREATE INDEX responsesWaiting ON responses (fileId) WHERE published = 0;

        CREATE TABLE callbacks (
            key TEXT PRIMARY KEY, fileId TEXT NOT NULL, action TEXT NOT NULL
        ) WITHOUT ROWID;
        """
}
