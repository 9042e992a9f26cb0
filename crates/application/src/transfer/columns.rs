use super::limits::{MAX_COLUMN_NAME_CHARS, MAX_LISTED_COLUMNS};

/// A field of a book that a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Title,
    Author,
    Isbn,
    Genre,
    Year,
    Description,
}

impl Field {
    /// In the order of an export.
    pub(super) const ALL: [Self; 6] =
        [Self::Title, Self::Author, Self::Isbn, Self::Genre, Self::Year, Self::Description];

    /// The name that Bookshelf itself uses.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Author => "author",
            Self::Isbn => "isbn",
            Self::Genre => "genre",
            Self::Year => "year",
            Self::Description => "description",
        }
    }

    /// The names of columns that hold the field, in the form of [`plain_name`]. The preferred one comes
    /// first.
    const fn column_names(self) -> &'static [&'static str] {
        match self {
            Self::Title => &["title", "booktitle", "originaltitle"],
            Self::Author => &["author", "authors", "bookauthor", "authorname", "primaryauthor"],
            Self::Isbn => &["isbn13", "isbn", "isbnuid", "isbn10"],
            Self::Genre => &["genre", "category"],
            Self::Year => &[
                "year",
                "publishedyear",
                "yearpublished",
                "publicationyear",
                "yearofpublication",
                "originalpublicationyear",
            ],
            Self::Description => &["description", "summary", "synopsis", "blurb"],
        }
    }
}

/// The form in which names of columns are compared: letters and digits alone, in lower case.
pub(super) fn plain_name(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name of an unknown column as a report lists it.
pub(super) fn listed_name(name: &str) -> String {
    name.chars().take(MAX_COLUMN_NAME_CHARS).collect()
}

/// The names of the columns that hold no field of a book, each once. A report lists only so many.
#[derive(Default)]
pub(super) struct UnknownColumns(Vec<String>);

impl UnknownColumns {
    pub(super) fn add(&mut self, name: &str) {
        let name = listed_name(name);
        if self.0.len() < MAX_LISTED_COLUMNS && !self.0.contains(&name) {
            self.0.push(name);
        }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.0
    }
}

/// A known column. Columns sort by field, and within a field the preferred one comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Column {
    pub(super) field: Field,
    rank: usize,
}

impl Column {
    pub(super) fn named(name: &str) -> Option<Self> {
        let plain = plain_name(name);
        Field::ALL.into_iter().find_map(|field| {
            let rank = field.column_names().iter().position(|name| *name == plain)?;
            Some(Self { field, rank })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Field};

    #[test]
    fn columns_are_known_by_the_names_that_exports_use() {
        let field = |name| Column::named(name).map(|column| column.field);
        for (name, expected) in [
            (" Title ", Field::Title),
            ("original_title", Field::Title),
            ("authors", Field::Author),
            ("ISBN13", Field::Isbn),
            ("ISBN 10", Field::Isbn),
            ("ISBN/UID", Field::Isbn),
            ("Year Published", Field::Year),
            ("original_publication_year", Field::Year),
            ("Year-Of-Publication", Field::Year),
            ("GENRE", Field::Genre),
            ("Description", Field::Description),
        ] {
            assert_eq!(field(name), Some(expected), "{name}");
        }
        for name in ["", "Author l-f", "Title Sort", "ratings_1", "isbn_99"] {
            assert_eq!(field(name), None, "{name}");
        }
    }

    #[test]
    fn thirteen_digits_come_before_ten() {
        let mut names = ["isbn10", "ISBN", "isbn_13"];
        names.sort_by_key(|name| Column::named(name));
        assert_eq!(names, ["isbn_13", "ISBN", "isbn10"]);
    }
}
