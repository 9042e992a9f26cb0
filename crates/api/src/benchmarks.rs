//! Parts of requests, for the benchmarks in `benches`, which see only what a crate exports.

use actix_web::HttpResponse;
use bookshelf_domain::books::{Book, BookSort};
use bookshelf_domain::{Listing, Position, SortKeyType};

use crate::books::{BookView, read_list, tag};
use crate::http::{Fingerprint, Page, ok};

/// The response with a book.
pub fn book(book: &Book) -> HttpResponse {
    tag(book).mark(ok(BookView::from(book)))
}

/// A request for a page of books.
pub struct BookPage(Page<BookSort, Book>);

impl BookPage {
    pub fn read(query: &str) -> Option<Self> {
        read_list(query).ok().map(|(_, page)| Self(page))
    }

    /// The response with the page.
    pub fn answer(&self, listing: &Listing<Book>) -> HttpResponse {
        self.0.answer(listing, |book| self.0.sort.position(book), BookView::from)
    }
}

/// The cursors of a query.
pub struct Cursors(Fingerprint);

impl Cursors {
    pub fn of(query: &[&str]) -> Self {
        Self(Fingerprint::of(query.iter().copied()))
    }

    pub fn encode(&self, position: &Position<Book>) -> String {
        self.0.encode(position)
    }

    pub fn decode(&self, cursor: &str, key_type: SortKeyType) -> Option<Position<Book>> {
        self.0.decode(cursor, key_type).ok()
    }
}
