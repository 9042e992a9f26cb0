-- What was answered to requests with an Idempotency-Key, so that sending them again makes nothing
-- twice.
CREATE TABLE answers (
    -- Derived from the principal and its key, neither of which can be read from it.
    key BYTEA PRIMARY KEY,
    fingerprint BYTEA NOT NULL,
    -- Sealed with the client's own key.
    answer BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- The purge finds old answers by this.
CREATE INDEX answers_created_at_idx ON answers (created_at);
