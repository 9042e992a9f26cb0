use bookshelf_domain::books::BookId;
use bookshelf_domain::covers::{CoverName, CoverSize};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::{Choice, Chosen};
use crate::paths;

/// How many characters of its hash identify a cover of a book.
const VERSION_LENGTH: usize = 32;

/// Which image of a cover is requested.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CoverParams {
    /// `thumb` selects an image that is at most 320 pixels high.
    #[param(inline)]
    size: Option<CoverSizeName>,
    /// The first 32 characters of the cover's `ETag`, as in the link `thumbnail` of the book. If
    /// they are those of the current cover, the response may be cached for a year. The image is the
    /// same without them.
    #[param(example = "7d865e959b2466918c9863afca942d0f")]
    v: Option<String>,
}

impl CoverParams {
    pub(super) fn size(&self) -> CoverSize {
        self.size.map_or(CoverSize::Full, |size| *size.value)
    }

    /// Whether the address names this cover, so that its response never changes.
    pub(super) fn names(&self, cover: &CoverName) -> bool {
        self.v.as_deref() == Some(&version(cover))
    }
}

fn version(cover: &CoverName) -> String {
    let mut hash = cover.hash.to_string();
    hash.truncate(VERSION_LENGTH);
    hash
}

/// The address of the thumbnail of this cover. It changes with the cover.
pub(crate) fn thumbnail(id: BookId, cover: &CoverName) -> String {
    format!("{}?size=thumb&v={}", paths::cover(id), version(cover))
}

type CoverSizeName = Chosen<CoverSize>;

/// The full image has no name, because it is the default.
impl Choice for CoverSize {
    const CHOICES: &'static [(&'static str, Self)] = &[("thumb", Self::Thumb)];
}
