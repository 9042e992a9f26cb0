-- What was answered to requests with an Idempotency-Key, so that sending them again makes nothing
-- twice.
CREATE TABLE answers (
    -- Derived from the principal and its key, neither of which can be read from it.
    key BLOB NOT NULL PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    -- Sealed with the client's own key.
    answer BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The purge finds old answers by this.
CREATE INDEX answers_created_at_idx ON answers (created_at);
