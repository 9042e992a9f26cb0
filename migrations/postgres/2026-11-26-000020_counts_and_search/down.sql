DROP INDEX books_name_idx;
CREATE INDEX books_title_idx ON books (title_folded, id);
CREATE INDEX books_author_idx ON books (author_folded, id);
CREATE FUNCTION bookshelf_pairs(text TEXT) RETURNS TEXT[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT string_to_array(text, NULL) || array_agg(substr(text, place, 2))
    FROM generate_series(1, length(text) - 1) AS place
$$;
CREATE INDEX books_title_trigrams_idx ON books USING gin (title_folded gin_trgm_ops);
CREATE INDEX books_author_trigrams_idx ON books USING gin (author_folded gin_trgm_ops);
CREATE INDEX books_isbn_trigrams_idx ON books USING gin (isbn gin_trgm_ops);
CREATE INDEX books_title_pairs_idx ON books USING gin (bookshelf_pairs(title_folded));
CREATE INDEX books_author_pairs_idx ON books USING gin (bookshelf_pairs(author_folded));
CREATE INDEX books_isbn_pairs_idx ON books USING gin (bookshelf_pairs(isbn));
DROP INDEX books_trigrams_idx;
DROP FUNCTION bookshelf_trigrams;
DROP TRIGGER book_counts_insert ON books;
DROP TRIGGER book_counts_delete ON books;
DROP FUNCTION book_counts_add;
DROP TABLE book_counts;
