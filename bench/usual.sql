CREATE TABLE IF NOT EXISTS books (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    author TEXT NOT NULL,
    isbn TEXT UNIQUE,
    genre TEXT NOT NULL DEFAULT 'Unknown',
    year INTEGER,
    description TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ'))
);
CREATE INDEX IF NOT EXISTS books_title ON books (title COLLATE NOCASE, id);
CREATE INDEX IF NOT EXISTS books_author ON books (author COLLATE NOCASE, id);
CREATE INDEX IF NOT EXISTS books_year ON books (year, id);
CREATE INDEX IF NOT EXISTS books_created_at ON books (created_at, id);
