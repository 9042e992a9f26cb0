CREATE TABLE api_keys (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- The beginning of the key, by which it is found.
    prefix TEXT NOT NULL,
    -- The SHA-256 of the key; the key itself is kept nowhere.
    digest BLOB NOT NULL,
    -- Names with commas between them, such as "read,write".
    permissions TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    expires_at INTEGER,
    CONSTRAINT api_keys_prefix_key UNIQUE (prefix),
    CONSTRAINT api_keys_digest_check CHECK (length(digest) = 32),
    CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX api_keys_user_id_idx ON api_keys (user_id);
