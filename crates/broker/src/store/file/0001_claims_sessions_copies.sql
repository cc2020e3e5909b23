-- A value that was used, until nobody would believe it any more.
CREATE TABLE claims (
    kind       TEXT    NOT NULL,
    id         BLOB    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_by_expiry ON claims (expires_at);

CREATE TABLE sessions (
    id            BLOB    NOT NULL PRIMARY KEY,
    subject       TEXT    NOT NULL,
    first_use     INTEGER NOT NULL,
    last_use      INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    revoked_since INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_subject ON sessions (subject);

-- Sealed answers; the lowest age is the oldest.
CREATE TABLE copies (
    age        INTEGER NOT NULL PRIMARY KEY,
    name       BLOB    NOT NULL UNIQUE,
    next       BLOB    NOT NULL,
    session    BLOB    NOT NULL,
    sealed     BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX copies_by_next ON copies (next);
CREATE INDEX copies_by_session ON copies (session, age);
CREATE INDEX copies_by_expiry ON copies (expires_at);
