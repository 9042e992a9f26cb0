//! The columns of each program's files, by their plain names.

mod bookwyrm;
mod calibre;
mod format;
mod goodreads;
mod hardcover;
mod librarything;
mod own;
mod storygraph;

use super::cells::Header;

pub(super) use format::Format;
pub use format::Origin;

pub(super) const OWN: Format = own::FORMAT;

/// The most specific first.
static FORMATS: [Format; 7] = [
    bookwyrm::FORMAT,
    goodreads::FORMAT,
    storygraph::FORMAT,
    librarything::FORMAT,
    hardcover::FORMAT,
    calibre::FORMAT,
    own::FORMAT,
];

pub(super) fn recognise(header: &Header) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.known_by.iter().all(|name| header.has(name)))
}
