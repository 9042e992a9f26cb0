-- The folded columns keep texts without accents until the earlier version writes a row again.
DROP INDEX books_name_idx;
CREATE INDEX books_title_idx ON books (title_folded);
DROP TRIGGER books_fts_insert;
DROP TRIGGER books_fts_update;
DROP TRIGGER books_fts_delete;
DROP TABLE books_trigrams;
DROP TABLE books_fts;
CREATE VIRTUAL TABLE books_fts USING fts5(
    title_folded, author_folded,
    content = '', contentless_delete = 1,
    tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE books_trigrams USING fts5vocab(books_fts, instance);
INSERT INTO books_fts (rowid, title_folded, author_folded)
SELECT id, title_folded || char(2, 2), author_folded || char(2, 2) FROM books;
CREATE TRIGGER books_fts_insert AFTER INSERT ON books BEGIN
    INSERT INTO books_fts (rowid, title_folded, author_folded)
    VALUES (new.id, new.title_folded || char(2, 2), new.author_folded || char(2, 2));
END;
CREATE TRIGGER books_fts_update AFTER UPDATE OF title_folded, author_folded ON books
WHEN new.title_folded IS NOT old.title_folded OR new.author_folded IS NOT old.author_folded BEGIN
    UPDATE books_fts
    SET title_folded = new.title_folded || char(2, 2),
        author_folded = new.author_folded || char(2, 2)
    WHERE rowid = new.id;
END;
CREATE TRIGGER books_fts_delete AFTER DELETE ON books BEGIN
    DELETE FROM books_fts WHERE rowid = old.id;
END;
CREATE INDEX books_author_idx ON books (author_folded);
DROP INDEX books_title_sort_idx;
DROP INDEX books_author_sort_idx;
ALTER TABLE books DROP COLUMN title_sort;
ALTER TABLE books DROP COLUMN author_sort;
