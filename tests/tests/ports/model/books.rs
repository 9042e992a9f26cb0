use bookshelf_contract::Store;
use bookshelf_contract::sample::{AddBook, import_row, isbn, moment, prose, year};
use bookshelf_domain::books::{
    Book, BookError, BookFields, BookFilter, BookId, BookPatch, BookQuery, BookSort, BookUpdate,
    ImportBatch, Imported, OnConflict, SearchWords, WhenShelved,
};
use bookshelf_domain::{Change, Expected, Line, Order, SearchText, Start, Version};
use bookshelf_tests::store;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::text::{part, text};

/// What is done to the catalogue, and then what is asked of it.
#[derive(Debug, Clone)]
pub(super) struct Step {
    command: Command,
    filter: BookFilter,
    sort: BookSort,
    order: Order,
    limit: u32,
    count: bool,
}

#[derive(Debug, Clone)]
enum Command {
    Insert(BookFields),
    /// Of the book with this index among all that were ever made, and one that never was.
    Update(Index, Expected, BookPatch),
    Delete(Index, Expected),
    Import(Vec<BookFields>, OnConflict, bool),
}

fn short<const MAX: usize>() -> impl Strategy<Value = Line<MAX>> {
    text().prop_filter_map("a line", |text| Line::parse(&text).ok())
}

fn fields() -> impl Strategy<Value = BookFields> {
    let numbers = (option::of(0..6usize), option::of(select(&[-3000, -1, 0, 1, 1999, 2031][..])));
    (short(), short(), option::of(short()), numbers, option::of(text())).prop_map(
        |(title, author, genre, (number, its_year), description)| BookFields {
            title,
            author,
            isbn: number.map(isbn),
            genre,
            year: its_year.map(year),
            description: description.filter(|text| !text.trim().is_empty()).map(|t| prose(&t)),
        },
    )
}

fn patch() -> impl Strategy<Value = BookPatch> {
    fn change<T: Clone + std::fmt::Debug>(
        value: impl Strategy<Value = T>,
    ) -> impl Strategy<Value = Change<T>> {
        (value, 0..4).prop_map(|(value, choice)| match choice {
            0 => Change::Clear,
            1 => Change::Set(value),
            _ => Change::Keep,
        })
    }
    let numbers = (change((0..6usize).prop_map(isbn)), change((-3..3).prop_map(year)));
    (option::of(short()), option::of(short()), change(short()), numbers).prop_map(
        |(title, author, genre, (isbn, year))| BookPatch {
            title,
            author,
            isbn,
            genre,
            year,
            description: Change::Keep,
        },
    )
}

fn expected() -> impl Strategy<Value = Expected> {
    prop_oneof![
        Just(Expected::Any),
        vec((1..4i64).prop_map(Version::new), 0..3).prop_map(Expected::OneOf),
        vec((1..4i64).prop_map(Version::new), 0..3).prop_map(Expected::NoneOf)
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let on_conflict = select(&[OnConflict::Skip, OnConflict::Update][..]);
    prop_oneof![
        4 => fields().prop_map(Command::Insert),
        2 => (any::<Index>(), expected(), patch()).prop_map(|(i, e, p)| Command::Update(i, e, p)),
        1 => (any::<Index>(), expected()).prop_map(|(i, e)| Command::Delete(i, e)),
        2 => (vec(fields(), 0..6), on_conflict, any::<bool>())
            .prop_map(|(rows, on_conflict, dry)| Command::Import(rows, on_conflict, dry)),
    ]
}

fn filter() -> impl Strategy<Value = BookFilter> {
    let searched = || part().prop_map(|part| SearchText::new(&part));
    let words = prop_oneof![part(), text()].prop_map(|text| SearchWords::new(&text));
    let rarely = |strategy| option::weighted(0.1, strategy);
    let years = (rarely(-3..3), rarely(-3001..2000), rarely(-1..2032));
    let texts = (option::of(searched()), option::weighted(0.2, searched()), option::of(words));
    let genre = option::weighted(0.1, text().prop_map(|text| SearchText::new(text.trim())));
    (texts, genre, years, option::weighted(0.1, 0..6usize)).prop_map(
        |((title, author, search), genre, (year, year_from, year_to), number)| BookFilter {
            title,
            author,
            search: search.unwrap_or_default(),
            genre,
            year,
            year_from,
            year_to,
            isbn: number.map(isbn),
        },
    )
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    use BookSort::*;
    let sort = select(&[Title, Author, Year, CreatedAt, Rating][..]);
    let order = select(&[Order::Ascending, Order::Descending][..]);
    let filter = prop_oneof![Just(BookFilter::default()), filter()];
    (command(), filter, sort, order, (1..5u32, any::<bool>())).prop_map(
        |(command, filter, sort, order, (limit, count))| Step {
            command,
            filter,
            sort,
            order,
            limit,
            count,
        },
    )
}

/// A store beside the fake. Ids may differ: of a pair, the n-th book is the n-th in both.
struct Pair {
    fake: Store,
    other: Store,
    made: Vec<(BookId, BookId)>,
}

impl Pair {
    fn pick(&self, index: Index) -> (BookId, BookId) {
        let index = index.index(self.made.len() + 1);
        self.made.get(index).copied().unwrap_or((BookId::new(i64::MAX), BookId::new(i64::MAX)))
    }

    /// The id in the fake of the book with this one in the other.
    fn in_fake(&self, other: BookId) -> BookId {
        self.made.iter().find(|made| made.1 == other).unwrap().0
    }

    fn book_in_fake(&self, book: Book) -> Book {
        Book { id: self.in_fake(book.id), ..book }
    }

    fn assert_same(&self, fake: Result<Book, BookError>, other: Result<Book, BookError>) {
        match (fake, other) {
            (Ok(fake), Ok(other)) => assert_eq!(fake, self.book_in_fake(other)),
            (Err(BookError::IsbnTaken { by: fake }), Err(BookError::IsbnTaken { by: other })) => {
                assert_eq!(fake, self.in_fake(other));
            }
            (Err(BookError::NotFound), Err(BookError::NotFound))
            | (Err(BookError::Stale), Err(BookError::Stale)) => {}
            (fake, other) => panic!("{fake:?}, but {other:?}"),
        }
    }

    async fn run(&mut self, command: Command, number: i64) {
        let at = moment(number / 3);
        match command {
            Command::Insert(fields) => {
                let fake = self.fake.books.add(fields.clone(), at).await;
                let other = self.other.books.add(fields, at).await;
                if let (Ok(fake), Ok(other)) = (&fake, &other) {
                    self.made.push((fake.id, other.id));
                }
                self.assert_same(fake, other);
            }
            Command::Update(index, expected, patch) => {
                let (id, id_in_other) = self.pick(index);
                let update = BookUpdate { id, expected, patch, at };
                let fake = self.fake.books.update(update.clone()).await;
                let update = BookUpdate { id: id_in_other, ..update };
                self.assert_same(fake, self.other.books.update(update).await);
            }
            Command::Delete(index, expected) => {
                let (id, id_in_other) = self.pick(index);
                let fake = self.fake.books.delete(id, expected.clone(), WhenShelved::Refuse).await;
                let other =
                    self.other.books.delete(id_in_other, expected, WhenShelved::Refuse).await;
                assert_eq!(fake.map_err(|e| e.to_string()), other.map_err(|e| e.to_string()));
            }
            Command::Import(rows, on_conflict, dry_run) => {
                let rows = rows.into_iter().map(import_row).collect();
                self.import(ImportBatch { rows, on_conflict, dry_run, at }).await;
            }
        }
    }

    async fn import(&mut self, batch: ImportBatch) {
        let dry_run = batch.dry_run;
        let fake = self.fake.books.import(batch.clone()).await.unwrap();
        let other = self.other.books.import(batch).await.unwrap();
        assert_eq!(fake.len(), other.len());
        for (fake, other) in fake.into_iter().zip(other) {
            let (id, id_in_other) = match (fake, other) {
                (Imported::Created(fake), Imported::Created(other)) => {
                    if !dry_run {
                        self.made.push((fake, other));
                    }
                    (fake, other)
                }
                (Imported::Updated(fake), Imported::Updated(other))
                | (Imported::Skipped(fake), Imported::Skipped(other)) => (fake, other),
                (fake, other) => panic!("{fake:?}, but {other:?}"),
            };
            assert!(dry_run || id == self.in_fake(id_in_other));
        }
    }

    /// Walks through the list by position in both, and by offset in the other.
    async fn compare(&self, query: BookQuery) {
        let (mut fake_query, mut other_query) = (query.clone(), query);
        let mut seen = 0;
        loop {
            let fake = self.fake.book_reader.list(fake_query.clone()).await.unwrap();
            let other = self.other.book_reader.list(other_query.clone()).await.unwrap();
            let by_offset = BookQuery { start: Start::Offset(seen), ..other_query.clone() };
            assert_eq!(self.other.book_reader.list(by_offset).await.unwrap(), other);
            let last = other.items.last().cloned();
            let items: Vec<_> = other.items.into_iter().map(|b| self.book_in_fake(b)).collect();
            assert_eq!(items, fake.items, "{fake_query:?}");
            assert_eq!((other.has_next, other.total), (fake.has_next, fake.total));
            seen += items.len() as u64;
            let (Some(last_in_fake), Some(last)) = (fake.items.last(), last) else { break };
            if !fake.has_next {
                break;
            }
            fake_query.start = Start::After(fake_query.sort.position(last_in_fake));
            other_query.start = Start::After(other_query.sort.position(&last));
        }
    }

    async fn compare_all(&self) {
        for (id, id_in_other) in &self.made {
            let other = self.other.book_reader.find(*id_in_other).await.unwrap();
            let other = other.map(|book| self.book_in_fake(book));
            assert_eq!(self.fake.book_reader.find(*id).await.unwrap(), other);
        }
        for number in 0..6 {
            let other = self.other.book_reader.find_by_isbn(isbn(number)).await.unwrap();
            let other = other.map(|book| self.book_in_fake(book));
            assert_eq!(self.fake.book_reader.find_by_isbn(isbn(number)).await.unwrap(), other);
        }
    }
}

pub(super) async fn answers_like_the_fake(other: Store, steps: Vec<Step>) {
    let mut pair = Pair { fake: store::memory(), other, made: Vec::new() };
    for (number, step) in (0..).zip(steps) {
        let Step { command, filter, sort, order, limit, count } = step;
        pair.run(command, number).await;
        let start = Start::Offset(0);
        pair.compare(BookQuery { filter, sort, order, start, limit, count }).await;
    }
    pair.compare_all().await;
}
