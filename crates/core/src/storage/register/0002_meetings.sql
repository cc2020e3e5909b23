-- When the account's meetings were last read at its provider.
ALTER TABLE account ADD COLUMN listed_at INTEGER;

-- A time is an instant, its length, and the zone in which a person planned it; all three or none.
CREATE TABLE meeting (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    provider_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    start INTEGER,
    minutes INTEGER,
    zone TEXT,
    join_url TEXT,
    passcode TEXT,
    dial_in TEXT,
    agenda TEXT NOT NULL,
    invitees TEXT NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (account, provider_id),
    CHECK ((start IS NULL) = (minutes IS NULL) AND (start IS NULL) = (zone IS NULL))
) STRICT;

CREATE INDEX meeting_by_start ON meeting (state, start, number);
CREATE INDEX meeting_by_account_and_start ON meeting (account, state, start, number);
