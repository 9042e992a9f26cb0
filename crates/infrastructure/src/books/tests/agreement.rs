//! Every plan of a list gives the same answer as testing every book.

use std::cmp::Ordering;

use super::{ORDERS, SORTS, add, fields, moment, page};
use crate::books::order::Limits;
use crate::books::row::BookRow;
use async_trait::async_trait;
use bookshelf_domain::books::{
    Book, BookFilter, BookId, BookQuery, BookRepository, Genre, Isbn, SearchWords, Year,
};
use bookshelf_domain::{COUNT_LIMIT, Listing, Order, Position, SearchText, SortKey, Start, Total};

const WALK: Limits = Limits { few: 0, walk: u64::MAX };
const GATHER: Limits = Limits { few: u64::MAX, walk: 0 };
const WALK_THEN_GATHER: Limits = Limits { few: 0, walk: 20 };

/// A database in which a test chooses the plan of a list.
#[async_trait]
pub(crate) trait Plans {
    fn books(&self) -> &dyn BookRepository;

    async fn execute(&self, statement: &'static str);

    async fn list(&self, query: BookQuery, limits: Option<Limits>) -> Listing<BookRow>;
}

/// Runs every `many`th of all the queries.
pub(crate) async fn every_plan_gives_the_same_answer(store: &impl Plans, many: usize) {
    fill(store).await;
    let all = store.books().read_after(BookId::new(0), 10_000).await.unwrap();
    for query in queries(&all).into_iter().step_by(many) {
        for count in [true, false] {
            let query = BookQuery { count, ..query.clone() };
            let expected = by_testing_every_book(&all, &query);
            for limits in [None, Some(WALK), Some(GATHER), Some(WALK_THEN_GATHER)] {
                let found = store.list(query.clone(), limits).await;
                let found = Listing {
                    items: found.items.iter().map(|row| row.id).collect(),
                    has_next: found.has_next,
                    total: found.total,
                };
                assert_eq!(found, expected, "{limits:?} {query:?}");
            }
        }
    }
}

fn queries(all: &[Book]) -> Vec<BookQuery> {
    let mut queries = Vec::new();
    for filter in filters() {
        for sort in SORTS {
            for order in ORDERS {
                let gone = Position { key: sort.position(&all[5]).key, id: BookId::new(1_000_000) };
                let starts = [
                    Start::Offset(0),
                    Start::Offset(11),
                    Start::Offset(u64::MAX),
                    Start::After(sort.position(&all[17])),
                    Start::After(sort.position(&all[60])),
                    Start::After(gone),
                    Start::After(Position { key: SortKey::Missing, id: BookId::new(40) }),
                ];
                queries.extend(starts.map(|start| page(filter.clone(), sort, order, start)));
            }
        }
    }
    queries
}

fn by_testing_every_book(all: &[Book], query: &BookQuery) -> Listing<i64> {
    let mut passing: Vec<_> = all
        .iter()
        .filter(|book| passes(book, &query.filter))
        .map(|book| query.sort.position(book))
        .collect();
    passing.sort_by(|a, b| compare(a, b, query.order));
    let count = passing.len() as u64;
    let mut following: Vec<_> = match &query.start {
        Start::Offset(offset) => {
            passing.into_iter().skip(usize::try_from(*offset).unwrap()).collect()
        }
        Start::After(position) => passing
            .into_iter()
            .filter(|other| compare(other, position, query.order) == Ordering::Greater)
            .collect(),
    };
    let has_next = following.len() > query.limit as usize;
    following.truncate(query.limit as usize);
    Listing {
        items: following.into_iter().map(|position| position.id.get()).collect(),
        has_next,
        total: query.count.then(|| Total { items: count.min(COUNT_LIMIT), exact: true }),
    }
}

fn compare(a: &Position<Book>, b: &Position<Book>, order: Order) -> Ordering {
    let directed = |ordering: Ordering| match order {
        Order::Ascending => ordering,
        Order::Descending => ordering.reverse(),
    };
    match (&a.key, &b.key) {
        (SortKey::Collated(one), SortKey::Collated(other)) => directed(one.cmp(other)),
        (SortKey::Number(one), SortKey::Number(other)) => directed(one.cmp(other)),
        (SortKey::Missing, SortKey::Missing) => Ordering::Equal,
        (SortKey::Missing, _) => Ordering::Greater,
        (_, SortKey::Missing) => Ordering::Less,
        keys => panic!("a sort has keys of one type: {keys:?}"),
    }
    .then_with(|| directed(a.id.cmp(&b.id)))
}

fn passes(book: &Book, filter: &BookFilter) -> bool {
    let title = SearchText::new(book.fields.title.as_str());
    let author = SearchText::new(book.fields.author.as_str());
    let has = |text: &SearchText, part: &Option<SearchText>| {
        part.as_ref().is_none_or(|part| text.as_str().contains(part.as_str()))
    };
    let year = book.fields.year.map(Year::get);
    has(&title, &filter.title)
        && has(&author, &filter.author)
        && filter.search.iter().all(|word| {
            let isbn = book.fields.isbn.as_ref().map(Isbn::as_str);
            word.is_in(title.as_str(), author.as_str(), isbn)
        })
        && filter.genre.as_ref().is_none_or(|genre| *genre == SearchText::new(book.fields.genre()))
        && filter.year.is_none_or(|wanted| year == Some(wanted))
        && filter.year_from.is_none_or(|from| year.is_some_and(|year| year >= from))
        && filter.year_to.is_none_or(|to| year.is_some_and(|year| year <= to))
        && filter.isbn.is_none_or(|isbn| book.fields.isbn == Some(isbn))
}

fn filters() -> Vec<BookFilter> {
    let some = |text: &str| Some(SearchText::new(text));
    let words = SearchWords::new;
    let none = BookFilter::default;
    let mut filters = vec![
        none(),
        BookFilter { genre: some("DRAMA"), ..none() },
        BookFilter { genre: some("unknown"), title: some("a"), ..none() },
        BookFilter { year: Some(7), ..none() },
        BookFilter { year_from: Some(3), year_to: Some(9), ..none() },
        BookFilter { year_from: Some(5), genre: some("drama"), search: words("ann"), ..none() },
        BookFilter { year: Some(4), year_from: Some(6), ..none() },
        BookFilter { title: some("émile"), author: some("лев"), ..none() },
        BookFilter { title: some("é"), author: some("ann l"), ..none() },
    ];
    for part in ["a", "É", "лев", "ЛЕ", "в", "ile", "100%", "%", "_", "\"", "\"no\"", "*", "a*"]
    {
        filters.push(BookFilter { search: words(part), ..none() });
        filters.push(BookFilter { title: some(part), ..none() });
    }
    for part in [
        "zzz",
        "qz",
        "\u{2}",
        "é\u{2}\u{2}",
        "e AND ann",
        "",
        "-",
        "ann lee",
        "龍",
        "三國",
        "\u{fffd}",
        "\u{ffff}b",
        "a\u{fffe}b",
        "lee émile",
        "a x é",
        "z p o t",
        "banana",
        "aaaaaaaa",
        "9780",
        "978-0",
        "97",
    ] {
        filters.push(BookFilter { search: words(part), ..none() });
        filters.push(BookFilter { author: some(part), ..none() });
    }
    filters
}

fn isbn(number: usize) -> Option<Isbn> {
    (0..10).find_map(|digit| Isbn::parse(&format!("978{number:09}{digit}")).ok())
}

/// Adds books with few different words, so that every key occurs several times.
async fn fill(store: &impl Plans) {
    const TITLES: [&str; 13] = [
        "Émile",
        "émile a",
        "100% \"No\"",
        "a_b*",
        "Война",
        "三國 演義",
        "龍",
        "Ann's ann",
        "zz Top",
        "a\u{fffe}b",
        "a\u{fffd}b",
        "Banana aaaaaaaa",
        "Banan aaa",
    ];
    const AUTHORS: [&str; 5] = ["Ann Lee", "Лев", "Zoe\u{308} É", "x", "三國"];
    for i in 0..120_usize {
        let mut fields = fields(TITLES[i * 7 % TITLES.len()], AUTHORS[i * 3 % 5]);
        fields.genre = (i % 3 == 0)
            .then(|| Genre::parse(["Drama", "drama", "Art"][i % 9 / 3]))
            .transpose()
            .unwrap();
        fields.isbn = (i % 17 == 0).then(|| isbn(i)).flatten();
        fields.year = (i % 4 != 0).then(|| Year::stored(i as i32 % 11 - 1));
        // The times are not in the order of the ids.
        add(store.books(), fields, moment((i * 37 % 40) as i64)).await;
    }
    let rate = "UPDATE books
        SET rating_sum = id % 5, rating_count = 1, rating_hundredths = 100 * (id % 5)
        WHERE id % 3 > 0";
    store.execute(rate).await;
}
