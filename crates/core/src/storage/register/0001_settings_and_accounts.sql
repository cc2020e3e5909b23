-- Instants are milliseconds since 1970 in UTC. Lists are JSON arrays of text.
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    label TEXT NOT NULL,
    subject TEXT NOT NULL,
    address TEXT NOT NULL,
    name TEXT,
    scopes TEXT NOT NULL,
    broker TEXT,
    api_base TEXT NOT NULL,
    health TEXT NOT NULL,
    health_reason TEXT,
    expires_at INTEGER,
    last_refresh INTEGER
) STRICT;
