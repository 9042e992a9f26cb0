-- The keys that text is sorted by. The program makes them, as it makes the folded columns. SQL cannot
-- compute them, so "bookshelf migrate" computes those of the existing rows after this migration. An
-- empty key says that the row is still to be computed.
ALTER TABLE books
    ADD COLUMN title_sort BYTEA NOT NULL DEFAULT '',
    ADD COLUMN author_sort BYTEA NOT NULL DEFAULT '';
CREATE INDEX books_title_sort_idx ON books (title_sort, id);
CREATE INDEX books_author_sort_idx ON books (author_sort, id);

-- A search looks in the ISBN too.
CREATE INDEX books_isbn_trigrams_idx ON books USING gin (isbn gin_trgm_ops);
CREATE INDEX books_isbn_pairs_idx ON books USING gin (bookshelf_pairs(isbn));
