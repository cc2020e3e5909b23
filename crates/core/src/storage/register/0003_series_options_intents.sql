-- Series, options, an address for video systems, and how often an invitation changed.
ALTER TABLE meeting ADD COLUMN rule TEXT;
ALTER TABLE meeting ADD COLUMN exceptions TEXT NOT NULL DEFAULT '[]';
ALTER TABLE meeting ADD COLUMN form TEXT;
-- When the last occurrence is over, in milliseconds; the largest number where a series does not end; null for a single meeting.
ALTER TABLE meeting ADD COLUMN series_end INTEGER;
ALTER TABLE meeting ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
ALTER TABLE meeting ADD COLUMN sip TEXT;
ALTER TABLE meeting ADD COLUMN series TEXT;
ALTER TABLE meeting ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
CREATE INDEX meeting_by_series_end ON meeting (series_end) WHERE series_end IS NOT NULL;

-- What a provider's policy wants of the next sign-in.
ALTER TABLE account ADD COLUMN claims TEXT;

-- What was asked to be made, written down before it is asked for.
CREATE TABLE intent (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    draft TEXT NOT NULL,
    before TEXT NOT NULL DEFAULT '[]',
    series TEXT,
    made TEXT,
    candidates TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX intent_by_account ON intent (account);
