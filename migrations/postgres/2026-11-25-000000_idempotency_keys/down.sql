ALTER INDEX idempotency_keys_created_at_idx RENAME TO answers_created_at_idx;
ALTER INDEX idempotency_keys_pkey RENAME TO answers_pkey;
ALTER TABLE idempotency_keys RENAME COLUMN resource TO answer;
ALTER TABLE idempotency_keys RENAME COLUMN lookup TO key;
ALTER TABLE idempotency_keys RENAME TO answers;
-- The stored resources cannot be read as responses. A request that is sent again is refused.
UPDATE answers SET fingerprint = '';
