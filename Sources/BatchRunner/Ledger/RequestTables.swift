/// The table of rows that are no payouts (see `LedgerSchema`): orders, transfers, questions, bar
/// codes. `number` is the control number of the payout an order or question is about, or the
/// contract number of a bar code; it is not unique, since many may be about one payout.
enum RequestTables {
    static let names = ["requests"]

    /// The condition of the index of what may be sent, word by word: SQLite takes a partial index only for
    /// a query that says its condition again.
    static let mayBeSent = "state IN ('unsent', 'unknown')"

    /// `claimSequence` is the file's. It stands here again, so that the order in which wishes came is an
    /// index; 0 only while a snapshot of an older version is read (`LedgerSchema.complete`).
    static let sql = """
        CREATE TABLE requests (
            fileId TEXT NOT NULL, row INTEGER NOT NULL, line INTEGER NOT NULL, item INTEGER,
            offset INTEGER NOT NULL, length INTEGER NOT NULL,
            claimSequence INTEGER NOT NULL DEFAULT 0,
            action TEXT NOT NULL, family TEXT NOT NULL, number TEXT, amount INTEGER,
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, possiblySent INTEGER NOT NULL DEFAULT 0,
            timesUnchanged INTEGER NOT NULL DEFAULT 0, reported INTEGER,
            firstSentAt INTEGER, lastSentAt INTEGER, lastQueriedAt INTEGER, unknownSince INTEGER,
            timesUnanswered INTEGER NOT NULL DEFAULT 0,
            queryAsked INTEGER NOT NULL DEFAULT 0, reports INTEGER NOT NULL DEFAULT 0,
            bodySha256 TEXT, lastCode TEXT,
            lastDescription TEXT, reference TEXT,
            answerName TEXT, answerOffset INTEGER, answerLength INTEGER, answerEntries INTEGER,
            answerSha256 TEXT,
            outcome TEXT, outcomeCode TEXT, outcomeDescription TEXT, outcomeAttempts INTEGER,
            outcomeAt TEXT, final TEXT, finalDescription TEXT, finalAt TEXT,
            faults TEXT, doubtDecrypted INTEGER NOT NULL DEFAULT 1,
            PRIMARY KEY (fileId, row)
        ) WITHOUT ROWID;
        CREATE INDEX requestsByNumber ON requests (number, claimSequence, row)
            WHERE state != 'rejected';
        CREATE INDEX requestsByState ON requests (state, fileId, row);
        CREATE INDEX requestsToSend ON requests (state, claimSequence, row) WHERE \(mayBeSent);
        """
}
