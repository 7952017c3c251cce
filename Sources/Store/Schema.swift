import GRDB

/// The tables. Migrations are only ever added to: a file written years ago opens, and no event in it is rewritten.
enum Schema {
    /// Tells our files from other programs' databases: "GPil".
    static let applicationID = 0x4750_696C

    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 runs") { try $0.execute(sql: runs) }
        migrator.registerMigration("2 accounts") { try $0.execute(sql: accounts) }
        migrator.registerMigration("3 equipment") { try $0.execute(sql: equipment) }
        migrator.registerMigration("4 fold of checkpoints") { try $0.execute(sql: foldOfCheckpoints) }
        migrator.registerMigration("5 audit chain", migrate: AuditSchema.migrate)
        migrator.registerMigration("6 folders of sessions") { try $0.execute(sql: foldersOfSessions) }
        return migrator
    }()

    private static let runs = """
        PRAGMA application_id = \(applicationID);
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        -- AUTOINCREMENT: a number is never given twice, not even after rows are deleted.
        CREATE TABLE events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,            -- milliseconds since 1970, UTC
            session TEXT NOT NULL,
            type TEXT NOT NULL,
            data TEXT NOT NULL,             -- JSON, as it is told
            command TEXT
        );
        CREATE TABLE event_topics (
            topic TEXT NOT NULL,
            seq INTEGER NOT NULL REFERENCES events(seq),
            previous INTEGER NOT NULL,
            PRIMARY KEY (topic, seq)
        ) WITHOUT ROWID;
        CREATE TABLE checkpoints (topic TEXT PRIMARY KEY, seq INTEGER NOT NULL, state TEXT NOT NULL);

        CREATE TABLE log_lines (
            n INTEGER PRIMARY KEY AUTOINCREMENT,
            previous INTEGER NOT NULL,
            at INTEGER NOT NULL,
            session TEXT NOT NULL,
            log TEXT NOT NULL,
            level TEXT NOT NULL,
            source TEXT NOT NULL,
            message TEXT NOT NULL
        );
        CREATE INDEX log_lines_of_log ON log_lines (session, log, n);

        -- The one stored place for a session's status.
        CREATE TABLE sessions (
            id TEXT PRIMARY KEY,
            created INTEGER NOT NULL REFERENCES events(seq),
            name TEXT NOT NULL,
            "group" TEXT NOT NULL,
            microscope TEXT NOT NULL,
            status TEXT NOT NULL,
            grids INTEGER NOT NULL,
            grids_completed INTEGER NOT NULL DEFAULT 0,
            images INTEGER NOT NULL DEFAULT 0,
            started INTEGER,
            ended INTEGER,
            UNIQUE ("group", name)
        );
        CREATE INDEX sessions_by_creation ON sessions (created);

        -- The dose ledger: an intent (the number of exposureBegan) and what became of it (the number of the event that says so).
        CREATE TABLE exposures (
            began INTEGER PRIMARY KEY REFERENCES events(seq),
            micrograph TEXT NOT NULL,
            grid TEXT NOT NULL,
            session TEXT NOT NULL,
            outcome TEXT,
            settled INTEGER REFERENCES events(seq),
            worked INTEGER REFERENCES events(seq)   -- what processing made of its movie
        );
        CREATE INDEX exposures_to_work_on ON exposures (began) WHERE outcome = 'saved' AND worked IS NULL;
        CREATE INDEX exposures_of_micrograph ON exposures (micrograph, began);
        CREATE INDEX exposures_of_grid ON exposures (grid);
        CREATE INDEX exposures_of_session ON exposures (session, outcome);

        CREATE TABLE locks (microscope TEXT PRIMARY KEY, epoch INTEGER NOT NULL, holder TEXT) WITHOUT ROWID;

        CREATE TABLE answers (
            person TEXT NOT NULL,
            "key" TEXT NOT NULL,
            digest TEXT NOT NULL,
            status INTEGER NOT NULL,
            body TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (person, "key")
        ) WITHOUT ROWID;
        CREATE INDEX answers_by_age ON answers (at);

        CREATE TABLE audit (
            n INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            who TEXT NOT NULL,
            what TEXT NOT NULL,
            "on" TEXT NOT NULL,
            detail TEXT NOT NULL
        );
        """

    private static let accounts = """
        CREATE TABLE people (
            username TEXT PRIMARY KEY,
            password TEXT NOT NULL,         -- Argon2id, salt and cost included
            staff INTEGER NOT NULL,
            viewer_only INTEGER NOT NULL,
            created INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE memberships (
            username TEXT NOT NULL REFERENCES people(username) ON DELETE CASCADE,
            "group" TEXT NOT NULL,
            PRIMARY KEY (username, "group")
        ) WITHOUT ROWID;
        -- Sign-ins and API tokens, by the hash of the secret.
        CREATE TABLE credentials (
            hash TEXT PRIMARY KEY,
            username TEXT NOT NULL REFERENCES people(username) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            created INTEGER NOT NULL,
            expires INTEGER                 -- null: never
        ) WITHOUT ROWID;
        CREATE INDEX credentials_of_person ON credentials (username);
        """

    private static let equipment = """
        -- Microscopes and detectors besides those of a configuration file, each as its entry there is written.
        CREATE TABLE equipment (
            kind TEXT NOT NULL,
            id TEXT PRIMARY KEY,            -- one name for one thing, as in a file
            yaml TEXT NOT NULL
        ) WITHOUT ROWID;
        """

    /// A name is free again where its folder would be another one: on the next day.
    private static let foldersOfSessions = """
        -- The one stored place for a session's status.
        CREATE TABLE sessions_by_folder (
            id TEXT PRIMARY KEY,
            created INTEGER NOT NULL REFERENCES events(seq),
            name TEXT NOT NULL,
            "group" TEXT NOT NULL,
            microscope TEXT NOT NULL,
            status TEXT NOT NULL,
            grids INTEGER NOT NULL,
            grids_completed INTEGER NOT NULL DEFAULT 0,
            images INTEGER NOT NULL DEFAULT 0,
            started INTEGER,
            ended INTEGER,
            directory TEXT NOT NULL UNIQUE,
            archived INTEGER NOT NULL DEFAULT 0
        );
        INSERT INTO sessions_by_folder
            SELECT id, created, name, "group", microscope, status, grids, grids_completed, images, started, ended,
                json_extract(events.data, '$.session.directory'), 0
            FROM sessions JOIN events ON events.seq = sessions.created;
        DROP TABLE sessions;
        ALTER TABLE sessions_by_folder RENAME TO sessions;
        CREATE INDEX sessions_by_creation ON sessions (created);
        """

    /// Checkpoints from before have no fold that is known, so their states are folded anew.
    private static let foldOfCheckpoints = "ALTER TABLE checkpoints ADD COLUMN fold TEXT NOT NULL DEFAULT ''"
}
