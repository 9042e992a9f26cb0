-- The name under which the store of covers keeps the cover: its hash, when it was made, its format.
ALTER TABLE books ADD COLUMN cover TEXT COLLATE "C";

-- For whoever asks which of some covers are still used.
CREATE INDEX books_cover_idx ON books (cover) WHERE cover IS NOT NULL;
