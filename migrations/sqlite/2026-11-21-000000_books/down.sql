DROP TABLE books_trigrams;
DROP TABLE books;
DROP TABLE books_fts;
