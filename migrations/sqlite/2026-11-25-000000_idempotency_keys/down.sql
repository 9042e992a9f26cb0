DROP INDEX idempotency_keys_created_at_idx;
ALTER TABLE idempotency_keys RENAME COLUMN resource TO answer;
ALTER TABLE idempotency_keys RENAME COLUMN lookup TO key;
ALTER TABLE idempotency_keys RENAME TO answers;
CREATE INDEX answers_created_at_idx ON answers (created_at);
-- The stored resources cannot be read as responses. A request that is sent again is refused.
UPDATE answers SET fingerprint = x'';
