-- Sign-ins that a person took back while the provider could not be told. The token itself waits in the keyring.
CREATE TABLE revocation (
    account TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    broker TEXT,
    api_base TEXT NOT NULL,
    until INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    next_at INTEGER NOT NULL
) STRICT;
