-- The folded columns keep texts without accents until the earlier version writes a row again.
DROP INDEX books_isbn_trigrams_idx;
DROP INDEX books_isbn_pairs_idx;
ALTER TABLE books DROP COLUMN title_sort, DROP COLUMN author_sort;
