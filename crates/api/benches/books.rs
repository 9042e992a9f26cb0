//! What the HTTP interface computes for a request about books.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::hint::black_box;

use bookshelf_api::benchmarks::{BookPage, Cursors, book};
use bookshelf_domain::books::{Author, Book, BookFields, BookId, Isbn, RatingSummary, Title, Year};
use bookshelf_domain::{Listing, Position, SortKey, SortKeyType, Total, Version};
use criterion::{Criterion, criterion_group, criterion_main};

fn a_book(id: i64) -> Book {
    let now = "2026-11-21T06:11:08.123456Z".parse().unwrap();
    Book {
        id: BookId::new(id),
        fields: BookFields {
            title: Title::parse("The Pragmatic Programmer: Your Journey to Mastery").unwrap(),
            author: Author::parse("Andrew Hunt").unwrap(),
            isbn: Some(Isbn::parse("9780135957059").unwrap()),
            genre: None,
            year: Some(Year::stored(2019)),
            description: None,
        },
        rating: RatingSummary { sum: 9, count: 2 },
        cover: None,
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    }
}

fn responses(criterion: &mut Criterion) {
    let one = a_book(42);
    criterion.bench_function("response with a book", |bencher| {
        bencher.iter(|| book(black_box(&one)));
    });
    let page = BookPage::read("").unwrap();
    let listing = Listing {
        items: (1..=20).map(a_book).collect(),
        has_next: true,
        total: Some(Total { items: 93, exact: true }),
    };
    criterion.bench_function("response with a page of 20 books", |bencher| {
        bencher.iter(|| page.answer(black_box(&listing)));
    });
}

fn cursors(criterion: &mut Criterion) {
    let cursors = Cursors::of(&["/api/v1/books", "title", "asc"]);
    let key = SortKey::collated("The Pragmatic Programmer: Your Journey to Mastery");
    let position = Position { key, id: BookId::new(42) };
    let cursor = cursors.encode(&position);
    criterion.bench_function("cursor, written", |bencher| {
        bencher.iter(|| cursors.encode(black_box(&position)));
    });
    criterion.bench_function("cursor, read", |bencher| {
        bencher.iter(|| cursors.decode(black_box(&cursor), SortKeyType::Collated));
    });
}

criterion_group!(benches, responses, cursors);
criterion_main!(benches);
