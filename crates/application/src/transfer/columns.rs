/// What a column of a row is about.
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

/// The names that exports give to a field, letters and digits only, the one to believe first first.
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

/// A column that is known: its field, and how many names of the field come before its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Column {
    pub(super) field: Field,
    rank: usize,
}

impl Column {
    /// Finds a column by its name; case and whatever is no letter or digit do not matter.
    pub(super) fn named(name: &str) -> Option<Self> {
        let plain: String =
            name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
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
