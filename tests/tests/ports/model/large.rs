//! A catalogue so large that a store answers rare, common and far-off matches in different ways.

use bookshelf_contract::Store;
use bookshelf_contract::sample::{AddBook, BOTH_ORDERS, book, line, moment, year};
use bookshelf_domain::books::{
    Book, BookFields, BookFilter, BookId, BookQuery, BookSort, SearchWords,
};
use bookshelf_domain::{Listing, SearchText, Start};
use bookshelf_tests::store;

const BOOKS: usize = 28_000;

/// The sorts go through the catalogue in different steps, but "far" stands at one end of all.
fn fields(number: usize) -> BookFields {
    let mixed = number * 7919 % BOOKS;
    let (place, later) = if number < BOOKS - 6000 { ("near", 0) } else { ("zz far", 1000) };
    let mark = if number.is_multiple_of(997) { "rare 樓" } else { "common" };
    let its_year = i32::try_from(mixed % 700).unwrap() + later;
    BookFields {
        genre: Some(line(["Novel", "Poetry", "Essays"][mixed % 3])),
        year: (!mixed.is_multiple_of(11)).then(|| year(its_year)),
        ..book(&format!("{place} {mixed:05} {mark}"), &format!("{place} q{}", mixed % 50))
    }
}

async fn fill(store: &Store) {
    store
        .at_once(64, |task| {
            let books = store.books.clone();
            async move {
                for number in (task..BOOKS).step_by(64) {
                    let at = moment(i64::try_from(number / 3000).unwrap());
                    books.add(fields(number), at).await.unwrap();
                }
            }
        })
        .await;
}

fn filters() -> Vec<BookFilter> {
    let none = BookFilter::default;
    let part = |part: &str| Some(SearchText::new(part));
    vec![
        none(),
        BookFilter { title: part("common"), ..none() },
        BookFilter { title: part("far"), ..none() },
        BookFilter { title: part("z"), ..none() },
        BookFilter { search: SearchWords::new("樓"), ..none() },
        BookFilter { search: SearchWords::new("q7 rare"), ..none() },
        BookFilter { search: SearchWords::new("far zz co"), ..none() },
        BookFilter { author: part("q7"), title: part("near"), ..none() },
        BookFilter { title: part("far"), genre: part("novel"), year_to: Some(1500), ..none() },
        BookFilter { year_from: Some(300), year_to: Some(1200), ..none() },
        BookFilter { year_from: Some(1000), title: part("c"), ..none() },
    ]
}

/// What books are compared by: their ids may differ.
fn told(books: &[Book]) -> Vec<&BookFields> {
    books.iter().map(|book| &book.fields).collect()
}

pub(super) async fn answers_like_the_fake(other: Store) {
    let fake = store::memory();
    fill(&other).await;
    // In the same order, for simultaneous inserts have none.
    for book in other.books.read_after(BookId::new(0), u32::MAX).await.unwrap() {
        fake.books.add(book.fields, book.created_at).await.unwrap();
    }
    use BookSort::{CreatedAt, Rating, Title, Year};
    for filter in filters() {
        for (sort, order) in [Title, Year, CreatedAt, Rating]
            .into_iter()
            .flat_map(|sort| BOTH_ORDERS.map(|order| (sort, order)))
        {
            let (filter, start) = (filter.clone(), Start::Offset(0));
            let whole = BookQuery { filter, sort, order, start, limit: u32::MAX, count: true };
            let all = fake.book_reader.list(whole.clone()).await.unwrap();
            for place in [0, 5000, all.items.len().saturating_sub(3)] {
                compare(&other, whole.clone(), &all, place).await;
            }
        }
    }
}

/// A page in the middle, by offset and by position.
async fn compare(other: &Store, whole: BookQuery, all: &Listing<Book>, place: usize) {
    let Some(rest) = all.items.get(place..) else { return };
    let start = Start::Offset(place as u64);
    // Both ways are taken, for a store may count only where it is asked to.
    let query = BookQuery { limit: 5, start, count: place == 0, ..whole };
    let page = other.book_reader.list(query.clone()).await.unwrap();
    assert_eq!(told(&page.items), told(&rest[..rest.len().min(5)]), "{query:?}");
    assert_eq!(page.has_next, rest.len() > 5, "{query:?}");
    assert_eq!(page.total, all.total.filter(|_| query.count), "{query:?}");
    if let Some(first) = page.items.first() {
        let start = Start::After(query.sort.position(first));
        let query = BookQuery { start, count: false, ..query };
        let page = other.book_reader.list(query.clone()).await.unwrap();
        assert_eq!(told(&page.items), told(&rest[1..rest.len().min(6)]), "{query:?}");
        assert_eq!(page.has_next, rest.len() > 6, "{query:?}");
    }
}
