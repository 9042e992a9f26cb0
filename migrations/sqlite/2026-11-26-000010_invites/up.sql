CREATE TABLE invites (
    -- AUTOINCREMENT: the id of a deleted invitation is never given again.
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- The SHA-256 of the token, by which the invitation is found. The token itself is not stored.
    digest BLOB NOT NULL,
    -- Null: anybody who has the token can use the invitation.
    email TEXT,
    role TEXT NOT NULL,
    created_by INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    used_by INTEGER,
    CONSTRAINT invites_digest_key UNIQUE (digest),
    CONSTRAINT invites_digest_check CHECK (length(digest) = 32),
    CONSTRAINT invites_role_check CHECK (role IN ('user', 'admin')),
    CONSTRAINT invites_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT invites_used_by_fkey FOREIGN KEY (used_by) REFERENCES users (id) ON DELETE SET NULL
) STRICT;

CREATE INDEX invites_created_at_idx ON invites (created_at);
-- The deletion of a user finds its invitations by these.
CREATE INDEX invites_created_by_idx ON invites (created_by);
CREATE INDEX invites_used_by_idx ON invites (used_by);
