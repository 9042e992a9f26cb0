CREATE TABLE shelf_entries (
    -- AUTOINCREMENT: the id of a deleted entry is never given again.
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL,
    book_id INTEGER NOT NULL,
    status TEXT NOT NULL,
    rating INTEGER,
    notes TEXT,
    -- Days since 1970-01-01.
    started_on INTEGER,
    finished_on INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    added_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT shelf_entries_book_key UNIQUE (user_id, book_id),
    CONSTRAINT shelf_entries_status_check
        CHECK (status IN ('want_to_read', 'reading', 'read', 'abandoned')),
    CONSTRAINT shelf_entries_rating_check CHECK (rating BETWEEN 1 AND 5),
    CONSTRAINT shelf_entries_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    -- A book that stands on a shelf is not deleted by itself.
    CONSTRAINT shelf_entries_book_id_fkey FOREIGN KEY (book_id) REFERENCES books (id)
) STRICT;

-- For each sort of one user's shelf; SQLite adds the id. Titles and authors are the books'.
CREATE INDEX shelf_entries_added_at_idx ON shelf_entries (user_id, added_at);
CREATE INDEX shelf_entries_rating_idx ON shelf_entries (user_id, rating);
CREATE INDEX shelf_entries_finished_on_idx ON shelf_entries (user_id, finished_on);
-- For the filter, and the counts by status.
CREATE INDEX shelf_entries_status_idx ON shelf_entries (user_id, status, added_at);
-- For the export, which reads a shelf by id.
CREATE INDEX shelf_entries_user_id_idx ON shelf_entries (user_id);
CREATE INDEX shelf_entries_book_id_idx ON shelf_entries (book_id);

-- A book's ratings follow those of its entries, whatever changes them: a cascade too.
CREATE TRIGGER shelf_entries_insert AFTER INSERT ON shelf_entries
WHEN new.rating IS NOT NULL BEGIN
    UPDATE books SET rating_sum = rating_sum + new.rating, rating_count = rating_count + 1
    WHERE id = new.book_id;
END;

CREATE TRIGGER shelf_entries_update AFTER UPDATE OF rating ON shelf_entries
WHEN new.rating IS NOT old.rating BEGIN
    UPDATE books
    SET rating_sum = rating_sum + ifnull(new.rating, 0) - ifnull(old.rating, 0),
        rating_count = rating_count + (new.rating IS NOT NULL) - (old.rating IS NOT NULL)
    WHERE id = new.book_id;
END;

CREATE TRIGGER shelf_entries_delete AFTER DELETE ON shelf_entries
WHEN old.rating IS NOT NULL BEGIN
    UPDATE books SET rating_sum = rating_sum - old.rating, rating_count = rating_count - 1
    WHERE id = old.book_id;
END;

-- The average, rounded half up; none without ratings.
CREATE TRIGGER books_rating_update AFTER UPDATE OF rating_sum, rating_count ON books BEGIN
    UPDATE books
    SET rating_hundredths = (rating_sum * 200 + rating_count) / nullif(rating_count * 2, 0)
    WHERE id = new.id;
END;
