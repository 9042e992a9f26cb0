-- The number of books, which each page shows as its total. Counting would read the whole index. The
-- sum of the rows is the number; there is only one row, because SQLite has only one writer.
CREATE TABLE book_counts (
    slot INTEGER NOT NULL PRIMARY KEY,
    books INTEGER NOT NULL
) STRICT;
INSERT INTO book_counts (slot, books) SELECT 1, count(*) FROM books;

CREATE TRIGGER book_counts_insert AFTER INSERT ON books BEGIN
    UPDATE book_counts SET books = books + 1;
END;

CREATE TRIGGER book_counts_delete AFTER DELETE ON books BEGIN
    UPDATE book_counts SET books = books - 1;
END;
