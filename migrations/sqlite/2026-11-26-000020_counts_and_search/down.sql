DROP TRIGGER book_counts_insert;
DROP TRIGGER book_counts_delete;
DROP TABLE book_counts;
