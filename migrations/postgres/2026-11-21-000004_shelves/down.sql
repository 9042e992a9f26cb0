DROP TABLE shelf_entries;
DROP FUNCTION shelf_entries_rate;
UPDATE books SET rating_sum = 0, rating_count = 0, rating_hundredths = NULL WHERE rating_count > 0;
