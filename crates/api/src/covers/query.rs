use bookshelf_domain::books::BookId;
use bookshelf_domain::covers::{CoverName, CoverSize};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::{Choice, Chosen};
use crate::paths;

/// How much of a hash tells one cover of a book from all others.
const CONTENT: usize = 32;

/// Which image of the cover.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CoverParams {
    /// `thumb` for an image that is at most 320 pixels high.
    #[param(inline)]
    size: Option<CoverSizeName>,
    /// The first 32 characters of the cover's `ETag`, as the link `thumbnail` of the book has them.
    /// While they are right, the answer may be cached for a year; the image is the same without.
    #[param(example = "7d865e959b2466918c9863afca942d0f")]
    v: Option<String>,
}

impl CoverParams {
    pub(super) fn size(&self) -> CoverSize {
        self.size.map_or(CoverSize::Full, |size| *size.value)
    }

    /// Whether the address is that of exactly this cover, so that nothing else will ever be there.
    pub(super) fn names(&self, cover: &CoverName) -> bool {
        self.v.as_deref() == Some(&content(cover))
    }
}

fn content(cover: &CoverName) -> String {
    let mut hash = cover.hash.to_string();
    hash.truncate(CONTENT);
    hash
}

/// The address of the thumbnail of exactly this cover.
pub(crate) fn thumbnail(id: BookId, cover: &CoverName) -> String {
    format!("{}?size=thumb&v={}", paths::cover(id), content(cover))
}

type CoverSizeName = Chosen<CoverSize>;

/// The whole image has no name: it is what there is without a size.
impl Choice for CoverSize {
    const CHOICES: &'static [(&'static str, Self)] = &[("thumb", Self::Thumb)];
}
