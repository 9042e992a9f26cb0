use bookshelf_domain::books::BookId;
use bookshelf_domain::covers::{CoverName, CoverSize};
use utoipa::IntoParams;

use crate::http::{ApiError, Query};
use crate::paths;

/// How much of a hash tells one cover of a book from all others.
const CONTENT: usize = 32;

/// Which image of a cover is asked for.
pub(super) struct CoverQuery {
    pub(super) size: CoverSize,
    content: Option<String>,
}

impl CoverQuery {
    pub(super) fn read(text: &str) -> Result<Self, ApiError> {
        let mut query = Query::parse(text)?;
        let size = query.choice("size", &[("thumb", CoverSize::Thumb)]);
        let content = query.parsed("v", |text| Ok(text.to_owned()));
        query.finish()?;
        Ok(Self { size: size.unwrap_or(CoverSize::Full), content })
    }

    /// Whether the address is that of exactly this cover, so that nothing else will ever be there.
    pub(super) fn names(&self, cover: &CoverName) -> bool {
        self.content.as_deref() == Some(&content(cover))
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

/// Which image of the cover.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(super) struct CoverParams {
    /// `thumb` for an image that is at most 320 pixels high.
    #[param(inline)]
    size: Option<CoverSizeName>,
    /// The first 32 characters of the cover's `ETag`, as the link `thumbnail` of the book has them.
    /// While they are right, the answer may be cached for a year; the image is the same without.
    #[param(example = "7d865e959b2466918c9863afca942d0f")]
    v: Option<String>,
}

#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the documentation of the size above")]
enum CoverSizeName {
    Thumb,
}
