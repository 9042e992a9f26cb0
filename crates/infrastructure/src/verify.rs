//! Finds what is wrong with the data of a library.

use bookshelf_domain::covers::CoverName;

use crate::copy::{DatabaseError, Place, Row, Side, Value};

/// The covers that books refer to, each with the id of its book.
pub type UsedCovers = Vec<(i64, CoverName)>;

/// Checks a database, and calls `fault` with a sentence for everything that is wrong:
///
/// - what the database finds wrong itself: the structure of the file and foreign keys (SQLite);
/// - ratings of books that are not those of their shelf entries;
/// - the number of books that lists show, if it is not that of the books;
/// - names of covers that are none.
///
/// It reads one state of the database, so servers may be writing. It blocks the thread.
pub fn verify_database(
    place: &Place,
    fault: &mut dyn FnMut(String),
) -> Result<UsedCovers, DatabaseError> {
    let mut side = place.source()?;
    let side = side.as_mut();
    for query in side.dialect().own_checks {
        side.scan(query, &mut |rows| {
            rows.into_iter().for_each(|row| fault(text_of(row)));
            true
        })?;
    }
    check_ratings(side, fault)?;
    check_count(side, fault)?;
    used_covers(side, fault)
}

/// Sums and counts are kept by triggers, and the average is computed from them.
const RATINGS: &str = "
    SELECT * FROM (
        SELECT books.id, rating_sum, rating_count, coalesce(rating_hundredths, -1) AS average,
               coalesce(sum(rating), 0) AS ratings, count(rating) AS rated,
               coalesce((sum(rating) * 200 + count(rating)) / nullif(count(rating) * 2, 0), -1)
                   AS right_average
        FROM books LEFT JOIN shelf_entries ON shelf_entries.book_id = books.id
        GROUP BY books.id
    ) AS compared
    WHERE rating_sum <> ratings OR rating_count <> rated OR average <> right_average";

fn check_ratings(side: &mut dyn Side, fault: &mut dyn FnMut(String)) -> Result<(), DatabaseError> {
    side.scan(RATINGS, &mut |rows| {
        for Row(values) in rows {
            let numbers: Vec<i64> = values.iter().filter_map(Value::integer).collect();
            let [id, sum, count, average, ratings, rated, right_average] = numbers[..] else {
                continue;
            };
            fault(format!(
                "book {id} has a sum of {sum}, {count} ratings and an average of {average} \
                 hundredths; its shelf entries give {ratings}, {rated} and {right_average}"
            ));
        }
        true
    })
}

fn check_count(side: &mut dyn Side, fault: &mut dyn FnMut(String)) -> Result<(), DatabaseError> {
    let kept = side.number("SELECT CAST(coalesce(sum(books), 0) AS BIGINT) FROM book_counts")?;
    let counted = side.number("SELECT count(*) FROM books")?;
    if kept != counted {
        fault(format!("lists show a total of {kept} books, and there are {counted}"));
    }
    Ok(())
}

fn used_covers(
    side: &mut dyn Side,
    fault: &mut dyn FnMut(String),
) -> Result<UsedCovers, DatabaseError> {
    let mut covers = Vec::new();
    let query = "SELECT id, cover FROM books WHERE cover IS NOT NULL ORDER BY id";
    side.scan(query, &mut |rows| {
        for Row(values) in rows {
            let [Value::Integer(id), Value::Text(name)] = &values[..] else { continue };
            match name.parse() {
                Ok(name) => covers.push((*id, name)),
                Err(_) => {
                    fault(format!("book {id} refers to {name}, which is not the name of a cover"));
                }
            }
        }
        true
    })?;
    Ok(covers)
}

fn text_of(row: Row) -> String {
    match row.0.into_iter().next() {
        Some(Value::Text(text)) => text,
        other => format!("{other:?}"),
    }
}
