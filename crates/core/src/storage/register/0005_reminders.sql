-- What a person was told of a sign-in's end, and for which of its times (in milliseconds): each is said once.
CREATE TABLE reminder (
    account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    for_at INTEGER NOT NULL,
    PRIMARY KEY (account, kind)
) STRICT;
