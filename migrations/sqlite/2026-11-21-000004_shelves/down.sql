DROP TABLE shelf_entries;
DROP TRIGGER books_rating_update;
UPDATE books SET rating_sum = 0, rating_count = 0, rating_hundredths = NULL WHERE rating_count > 0;
