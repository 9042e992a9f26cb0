-- Times are microseconds since 1970-01-01T00:00:00Z. Folded columns hold the case-folded form of
-- the text beside them, which the program makes: the database compares and sorts by them.
CREATE TABLE books (
    -- AUTOINCREMENT: the id of a deleted book is never given again.
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    title_folded TEXT NOT NULL,
    author TEXT NOT NULL,
    author_folded TEXT NOT NULL,
    isbn TEXT,
    genre TEXT,
    -- Of the genre that is shown: never empty, though genre may be NULL.
    genre_folded TEXT NOT NULL,
    year INTEGER,
    description TEXT,
    rating_sum INTEGER NOT NULL DEFAULT 0,
    rating_count INTEGER NOT NULL DEFAULT 0,
    -- The average in hundredths, NULL without ratings.
    rating_hundredths INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT books_isbn_key UNIQUE (isbn)
) STRICT;

-- One column each: SQLite adds the id, and so serves "ORDER BY column, id" in both directions.
CREATE INDEX books_title_idx ON books (title_folded);
CREATE INDEX books_author_idx ON books (author_folded);
CREATE INDEX books_genre_idx ON books (genre_folded);
CREATE INDEX books_year_idx ON books (year);
CREATE INDEX books_rating_idx ON books (rating_hundredths);
CREATE INDEX books_created_at_idx ON books (created_at);

-- Substrings of three characters and more are found by their trigrams. Text is indexed with two
-- characters after its end that no text contains, so that every one or two characters of it begin
-- some trigram; books_trigrams lists those.
CREATE VIRTUAL TABLE books_fts USING fts5(
    title_folded, author_folded,
    content = '', contentless_delete = 1,
    tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE books_trigrams USING fts5vocab(books_fts, instance);

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
