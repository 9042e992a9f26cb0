DROP INDEX books_cover_idx;
ALTER TABLE books DROP COLUMN cover;
