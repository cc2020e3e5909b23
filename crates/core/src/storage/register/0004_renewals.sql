-- Where each account's credential is kept: it tells an empty keyring from another one. No secret.
CREATE TABLE credential (
    account TEXT PRIMARY KEY,
    back_end TEXT NOT NULL,
    fingerprint TEXT,
    saved_at INTEGER NOT NULL
) STRICT;
INSERT INTO credential (account, back_end, saved_at) SELECT id, '', 0 FROM account;

-- Renewals that were begun, written down before they are asked for. A newcomer's account is not in its table yet.
CREATE TABLE renewal (
    account TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    begun_at INTEGER NOT NULL
) STRICT;

-- When the sign-in ends: where nobody asks before, and whatever is done.
ALTER TABLE account ADD COLUMN unused_by INTEGER;
ALTER TABLE account ADD COLUMN whole_by INTEGER;
