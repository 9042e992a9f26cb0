-- The resources that requests with an Idempotency-Key created, so that the same request creates
-- nothing twice.
ALTER TABLE answers RENAME TO idempotency_keys;
ALTER TABLE idempotency_keys RENAME COLUMN key TO lookup;
ALTER TABLE idempotency_keys RENAME COLUMN answer TO resource;
DROP INDEX answers_created_at_idx;
-- The purge finds old keys by this.
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
-- Until now the rows stored responses, which cannot be read as resources. No request has an empty
-- fingerprint, so a request that is sent again is refused and creates nothing twice.
UPDATE idempotency_keys SET fingerprint = x'';
