use bookshelf_contract::Store;
use bookshelf_contract::sample::{AddUser, book, every_book, isbn, moment, shelf_row, stars, user};
use bookshelf_domain::accounts::{Role, UserId};
use bookshelf_domain::books::{
    Book, BookError, BookFields, BookId, OnConflict, SearchWords, WhenShelved,
};
use bookshelf_domain::shelves::{
    ImportedEntry, NewShelfEntry, ReadingDate, ReadingStatus, ShelfBatch, ShelfEntry, ShelfEntryId,
    ShelfFields, ShelfFilter, ShelfQuery, ShelfSort, ShelfTarget, ShelfUpdate, WhenUnknown,
};
use bookshelf_domain::{Expected, Order, Start, Version};
use bookshelf_tests::store;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

async fn add_user(store: &Store, email: &str) -> UserId {
    store.users.add(user(email, Role::User)).await.unwrap().id
}

/// What is done to the shelves, and then what is asked of one of them.
#[derive(Debug, Clone)]
pub(super) struct Step {
    command: Command,
    reader: usize,
    filter: ShelfFilter,
    sort: ShelfSort,
    order: Order,
    limit: u32,
}

#[derive(Debug, Clone)]
enum Command {
    Describe(usize, BookFields, ShelfFields),
    /// The book or entry with this index among all that there are, or one that never was.
    Put(usize, Index, ShelfFields),
    Update(usize, Index, Expected, ShelfFields),
    Delete(usize, Index, Expected),
    Import(usize, Vec<(BookFields, ShelfFields)>, OnConflict, bool),
    DeleteBook(Index, WhenShelved),
    /// The reader starts again with a new account.
    DeleteReader(usize),
}

const READERS: usize = 3;

fn book_fields() -> impl Strategy<Value = BookFields> {
    let names = (select(&["a", "B", "É", "Лев"][..]), select(&["x", "é"][..]));
    (names, option::of(0..4usize)).prop_map(|((title, author), number)| BookFields {
        isbn: number.map(isbn),
        ..book(title, author)
    })
}

fn fields() -> impl Strategy<Value = ShelfFields> {
    let day = || option::of((1..5u32).prop_map(|day| format!("2026-01-0{day}").parse().unwrap()));
    let parts = (select(&ReadingStatus::ALL[..]), option::of(1..6i64), day(), day());
    parts.prop_map(|(status, rating, one, other): (_, _, Option<ReadingDate>, _)| {
        let (started_on, finished_on) = match (one, other) {
            (Some(start), Some(end)) if end < start => (other, one),
            days => days,
        };
        let rating = rating.and_then(stars);
        ShelfFields { status, rating, notes: None, started_on, finished_on }
    })
}

fn expected() -> impl Strategy<Value = Expected> {
    prop_oneof![3 => Just(Expected::Any), 1 => vec((1..4i64).prop_map(Version::new), 0..3).prop_map(Expected::OneOf)]
}

fn command() -> impl Strategy<Value = Command> {
    use Command::{Delete, DeleteBook, DeleteReader, Describe, Import, Put, Update};
    let reader = || 0..READERS;
    let index = any::<Index>;
    let on_conflict = select(&[OnConflict::Skip, OnConflict::Update][..]);
    let shelved = select(&[WhenShelved::Refuse, WhenShelved::Remove][..]);
    let rows = vec((book_fields(), fields()), 0..5);
    prop_oneof![
        4 => (reader(), book_fields(), fields()).prop_map(|(r, b, f)| Describe(r, b, f)),
        4 => (reader(), index(), fields()).prop_map(|(r, i, f)| Put(r, i, f)),
        3 => (reader(), index(), expected(), fields()).prop_map(|(r, i, e, f)| Update(r, i, e, f)),
        1 => (reader(), index(), expected()).prop_map(|(r, i, e)| Delete(r, i, e)),
        2 => (reader(), rows, on_conflict, any::<bool>())
            .prop_map(|(reader, rows, on_conflict, dry)| Import(reader, rows, on_conflict, dry)),
        1 => (index(), shelved).prop_map(|(index, shelved)| DeleteBook(index, shelved)),
        1 => reader().prop_map(DeleteReader),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    use ShelfSort::{AddedAt, Author, FinishedOn, Rating, Title};
    let filter = (
        option::weighted(0.3, select(&ReadingStatus::ALL[..])),
        option::weighted(0.2, 1..6i64),
        option::weighted(0.3, select(&["a", "é", "b", "лев", "zz"][..])),
    )
        .prop_map(|(status, rating, part)| ShelfFilter {
            status,
            rating: rating.and_then(stars),
            search: part.map(SearchWords::new).unwrap_or_default(),
        });
    let sort = select(&[AddedAt, Title, Author, Rating, FinishedOn][..]);
    let order = select(&[Order::Ascending, Order::Descending][..]);
    (command(), 0..READERS, filter, sort, order, 1..5u32).prop_map(
        |(command, reader, filter, sort, order, limit)| Step {
            command,
            reader,
            filter,
            sort,
            order,
            limit,
        },
    )
}

/// A store and its readers; what is picked by index is the same in every store.
struct Shelves {
    store: Store,
    readers: Vec<UserId>,
}

fn without_ids(entry: ShelfEntry) -> ShelfEntry {
    ShelfEntry {
        id: ShelfEntryId::new(0),
        user_id: UserId::new(0),
        book: nameless(entry.book),
        ..entry
    }
}

fn nameless(book: Book) -> Book {
    Book { id: BookId::new(0), ..book }
}

impl Shelves {
    async fn new(store: Store) -> Self {
        let mut readers = Vec::new();
        for number in 0..READERS {
            readers.push(add_user(&store, &format!("reader{number}@example.com")).await);
        }
        Self { store, readers }
    }

    async fn pick_book(&self, index: Index) -> BookId {
        let books = self.store.books.read_after(BookId::new(0), 10_000).await.unwrap();
        books.get(index.index(books.len() + 1)).map_or(BookId::new(i64::MAX), |book| book.id)
    }

    /// An entry of any reader: one may try those of others.
    async fn pick_entry(&self, index: Index) -> ShelfEntryId {
        let mut all = Vec::new();
        for reader in &self.readers {
            all.extend(
                self.store.shelves.read_after(*reader, ShelfEntryId::new(0), 10_000).await.unwrap(),
            );
        }
        all.get(index.index(all.len() + 1)).map_or(ShelfEntryId::new(i64::MAX), |entry| entry.id)
    }

    async fn insert(
        &self,
        reader: usize,
        target: ShelfTarget,
        fields: ShelfFields,
        at: i64,
    ) -> String {
        let user_id = self.readers[reader];
        let entry = NewShelfEntry {
            user_id,
            target,
            when_unknown: WhenUnknown::Add,
            most: ShelfEntry::MAX,
            fields,
            at: moment(at),
            idempotency_key: None,
        };
        let made = self.store.shelves.insert(entry).await;
        let told = made.map(|made| without_ids(made.into_inner()));
        // Which entry stands in the way has another id in every store.
        format!(
            "{:?}",
            told.map_err(|error| format!("{error:?}").split('{').next().map(str::to_owned))
        )
    }

    async fn run(&mut self, command: Command, at: i64) -> String {
        match command {
            Command::Describe(reader, book, fields) => {
                self.insert(reader, ShelfTarget::Described(Box::new(book)), fields, at).await
            }
            Command::Put(reader, index, fields) => {
                let target = ShelfTarget::Existing(self.pick_book(index).await);
                self.insert(reader, target, fields, at).await
            }
            Command::Update(reader, index, expected, fields) => {
                let (user_id, id) = (self.readers[reader], self.pick_entry(index).await);
                let (patch, at) = (fields.into(), moment(at));
                let update = ShelfUpdate { user_id, id, expected, patch, at };
                format!("{:?}", self.store.shelves.update(update).await.map(without_ids))
            }
            Command::Delete(reader, index, expected) => {
                let (user, id) = (self.readers[reader], self.pick_entry(index).await);
                format!("{:?}", self.store.shelves.delete(user, id, expected).await)
            }
            Command::Import(reader, rows, on_conflict, dry_run) => {
                let rows = rows.into_iter().map(|(book, fields)| shelf_row(book, fields)).collect();
                let batch = ShelfBatch {
                    rows,
                    on_conflict,
                    when_unknown: WhenUnknown::Add,
                    most: ShelfEntry::MAX,
                    dry_run,
                    at: moment(at),
                };
                let outcomes = self.store.shelves.import(self.readers[reader], batch).await;
                let kinds = outcomes.unwrap().into_iter().map(|outcome| match outcome {
                    ImportedEntry::Created(_) => 'c',
                    ImportedEntry::Updated(_, _) => 'u',
                    ImportedEntry::Skipped(_, _) => 's',
                    ImportedEntry::UnknownBook => '?',
                    ImportedEntry::ShelfFull => 'f',
                });
                kinds.collect()
            }
            Command::DeleteBook(index, shelved) => {
                let id = self.pick_book(index).await;
                let deleted = self.store.books.delete(id, Expected::Any, shelved).await;
                // The book has another id in every store.
                let deleted = deleted.map_err(|error| match error {
                    BookError::InUse { book, shelves } if book == id => format!("on {shelves}"),
                    error => format!("{error:?}"),
                });
                format!("{deleted:?}")
            }
            Command::DeleteReader(reader) => {
                self.store.users.delete(self.readers[reader], Expected::Any).await.unwrap();
                let email = format!("again{at}@example.com");
                self.readers[reader] = add_user(&self.store, &email).await;
                String::new()
            }
        }
    }

    /// Everything that can be asked about a shelf, read on by position.
    async fn shown(&self, query: ShelfQuery, reader: usize) -> Vec<String> {
        let user = self.readers[reader];
        let mut query = ShelfQuery { user, ..query };
        let mut shown = vec![format!("{:?}", self.store.shelves.stats(user).await.unwrap())];
        let mut seen = 0;
        loop {
            let page = self.store.shelves.list(query.clone()).await.unwrap();
            let by_offset = ShelfQuery { start: Start::Offset(seen), ..query.clone() };
            assert_eq!(self.store.shelves.list(by_offset).await.unwrap(), page);
            shown.push(format!("{:?} {}", page.total, page.has_next));
            seen += page.items.len() as u64;
            if let Some(last) = page.items.last() {
                query.start = Start::After(query.sort.position(last));
            }
            shown.extend(page.items.into_iter().map(|entry| format!("{:?}", without_ids(entry))));
            if !page.has_next {
                break;
            }
        }
        let books = self.store.book_reader.list(every_book()).await.unwrap().items;
        shown.extend(books.into_iter().map(|book| format!("{:?}", nameless(book))));
        shown
    }
}

pub(super) async fn answer_like_the_fake(other: Store, steps: Vec<Step>) {
    let (mut fake, mut other) = (Shelves::new(store::memory()).await, Shelves::new(other).await);
    for (number, step) in (0..).zip(steps) {
        let Step { command, reader, filter, sort, order, limit } = step;
        let told = fake.run(command.clone(), number).await;
        assert_eq!(other.run(command, number).await, told);
        let (user, start) = (UserId::new(0), Start::Offset(0));
        let query = ShelfQuery { user, filter, sort, order, start, limit, count: true };
        assert_eq!(other.shown(query.clone(), reader).await, fake.shown(query, reader).await);
    }
}
