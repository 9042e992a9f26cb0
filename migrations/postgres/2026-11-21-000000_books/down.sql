DROP TABLE books;
DROP FUNCTION bookshelf_pairs(TEXT);
