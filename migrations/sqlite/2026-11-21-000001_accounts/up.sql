CREATE TABLE users (
    -- AUTOINCREMENT: the id of a deleted user is never given again.
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    username TEXT,
    username_folded TEXT,
    name TEXT,
    name_folded TEXT,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    -- Raised whenever the access tokens given out so far must stop working.
    access_epoch INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email_folded),
    CONSTRAINT users_username_key UNIQUE (username_folded),
    CONSTRAINT users_role_check CHECK (role IN ('user', 'admin'))
) STRICT;

CREATE INDEX users_created_at_idx ON users (created_at);
CREATE INDEX users_role_idx ON users (role);

CREATE TABLE sessions (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL,
    user_agent TEXT,
    address TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    idle_until INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    dead_at INTEGER NOT NULL
        GENERATED ALWAYS AS (min(idle_until, expires_at, ifnull(ended_at, expires_at))) VIRTUAL,
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX sessions_user_id_idx ON sessions (user_id);
-- The purge finds dead sessions by this.
CREATE INDEX sessions_dead_at_idx ON sessions (dead_at);

CREATE TABLE refresh_tokens (
    -- The SHA-256 of the token; the token itself is kept nowhere.
    digest BLOB NOT NULL PRIMARY KEY,
    session_id INTEGER NOT NULL,
    -- Counts the tokens of the session: the one spent last precedes the one that lives.
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    spent_at INTEGER,
    -- What its successor was derived from.
    salt BLOB,
    CONSTRAINT refresh_tokens_generation_key UNIQUE (session_id, generation),
    CONSTRAINT refresh_tokens_digest_check CHECK (length(digest) = 32),
    CONSTRAINT refresh_tokens_session_id_fkey
        FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
