-- The keys that text is sorted by. The program makes them, as it makes the folded columns. SQL cannot
-- compute them, so "bookshelf migrate" computes those of the existing rows after this migration. An
-- empty key says that the row is still to be computed.
ALTER TABLE books ADD COLUMN title_sort BLOB NOT NULL DEFAULT x'';
ALTER TABLE books ADD COLUMN author_sort BLOB NOT NULL DEFAULT x'';
CREATE INDEX books_title_sort_idx ON books (title_sort);
CREATE INDEX books_author_sort_idx ON books (author_sort);
-- An import finds books by title and author together. By the title alone, each row of an import would
-- read all books with a common title.
DROP INDEX books_title_idx;
DROP INDEX books_author_idx;
CREATE INDEX books_name_idx ON books (title_folded, author_folded);

-- The text index gets the ISBN, because a search looks there too.
DROP TRIGGER books_fts_insert;
DROP TRIGGER books_fts_update;
DROP TRIGGER books_fts_delete;
DROP TABLE books_trigrams;
DROP TABLE books_fts;

CREATE VIRTUAL TABLE books_fts USING fts5(
    title_folded, author_folded, isbn,
    content = '', contentless_delete = 1,
    tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE books_trigrams USING fts5vocab(books_fts, instance);
INSERT INTO books_fts (rowid, title_folded, author_folded, isbn)
SELECT id, title_folded || char(2, 2), author_folded || char(2, 2), isbn || char(2, 2) FROM books;

CREATE TRIGGER books_fts_insert AFTER INSERT ON books BEGIN
    INSERT INTO books_fts (rowid, title_folded, author_folded, isbn)
    VALUES (new.id, new.title_folded || char(2, 2), new.author_folded || char(2, 2),
            new.isbn || char(2, 2));
END;

CREATE TRIGGER books_fts_update AFTER UPDATE OF title_folded, author_folded, isbn ON books
WHEN new.title_folded IS NOT old.title_folded OR new.author_folded IS NOT old.author_folded
    OR new.isbn IS NOT old.isbn
BEGIN
    UPDATE books_fts
    SET title_folded = new.title_folded || char(2, 2),
        author_folded = new.author_folded || char(2, 2),
        isbn = new.isbn || char(2, 2)
    WHERE rowid = new.id;
END;

CREATE TRIGGER books_fts_delete AFTER DELETE ON books BEGIN
    DELETE FROM books_fts WHERE rowid = old.id;
END;
