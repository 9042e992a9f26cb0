//! What the domain computes for a request about books.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::hint::black_box;

use bookshelf_domain::books::{BookDraft, Isbn};
use bookshelf_domain::{Change, CollationKey, SearchText};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

const ASCII: &str = "The Pragmatic Programmer: Your Journey to Mastery";
const ACCENTS: &str = "Les Misérables, première édition intégrale illustrée";

fn isbn(criterion: &mut Criterion) {
    for (name, text) in [("isbn, 13 digits", "9780132350884"), ("isbn, 10 digits", "0-13-235088-2")]
    {
        criterion.bench_function(name, |bencher| bencher.iter(|| Isbn::parse(black_box(text))));
    }
}

fn draft(criterion: &mut Criterion) {
    let set = |text: &str| Change::Set(text.to_owned());
    let draft = BookDraft {
        title: set(ASCII),
        author: set("Andrew Hunt"),
        isbn: set("978-0-13-595705-9"),
        genre: set("Software"),
        year: Change::Set(2019),
        ..BookDraft::default()
    };
    let now = "2026-11-21T00:00:00Z".parse().unwrap();
    criterion.bench_function("validation of a book", |bencher| {
        bencher.iter_batched(
            || draft.clone(),
            |draft| draft.into_fields(now),
            BatchSize::SmallInput,
        );
    });
}

fn forms(criterion: &mut Criterion) {
    for (name, text) in [("ASCII", ASCII), ("accents", ACCENTS)] {
        criterion.bench_function(&format!("search text, {name}"), |bencher| {
            bencher.iter(|| SearchText::new(black_box(text)));
        });
        criterion.bench_function(&format!("collation key, {name}"), |bencher| {
            bencher.iter(|| CollationKey::new(black_box(text)));
        });
    }
}

criterion_group!(benches, isbn, draft, forms);
criterion_main!(benches);
