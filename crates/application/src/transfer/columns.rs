use super::limits::MAX_COLUMN_NAME_CHARS;

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
}

/// The names that other programs give to a field, as [`plain_name`] makes them, the preferred one first.
const NAMES: &[(Field, &[&str])] = &[
    (Field::Title, &["title", "booktitle", "originaltitle"]),
    (Field::Author, &["author", "authors", "bookauthor", "authorname", "primaryauthor"]),
    (Field::Isbn, &["isbn13", "isbn", "isbnuid", "isbn10"]),
    (Field::Genre, &["genre", "category"]),
    (
        Field::Year,
        &[
            "year",
            "publishedyear",
            "yearpublished",
            "publicationyear",
            "yearofpublication",
            "originalpublicationyear",
        ],
    ),
    (Field::Description, &["description", "summary", "synopsis", "blurb"]),
];

/// The form in which names of columns are compared: letters and digits alone, in lower case.
pub(super) fn plain_name(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name of an unknown column as a report lists it.
pub(super) fn listed_name(name: &str) -> String {
    name.chars().take(MAX_COLUMN_NAME_CHARS).collect()
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
        NAMES.iter().find_map(|(field, names)| {
            let rank = names.iter().position(|name| *name == plain)?;
            Some(Self { field: *field, rank })
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
