/// The table of rows that are no payouts (see `LedgerSchema`): orders, transfers, questions, bar
/// codes. `number` is the control number of the payout an order or question is about, or the
/// contract number of a bar code; it is not unique, since many may be about one payout.
enum RequestTables {
    static let names = ["requests"]

    static let sql = """
        CREATE TABLE requests (
            fileId TEXT NOT NULL, row INTEGER NOT NULL, line INTEGER NOT NULL, item INTEGER,
            offset INTEGER NOT NULL, length INTEGER NOT NULL,
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
        CREATE INDEX requestsByNumber ON requests (number) WHERE state != 'rejected';
        CREATE INDEX requestsByState ON requests (state, fileId, row);
        """
}
