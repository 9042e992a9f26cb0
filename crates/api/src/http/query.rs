//! Queries: `application/x-www-form-urlencoded` pairs (WHATWG URL Standard). Malformed ones are
//! refused.

use std::borrow::Cow;
use std::fmt;

use bookshelf_domain::books::SearchWords;
use bookshelf_domain::{Fault, FaultCode, Folded, Line, SearchText, shows_nothing};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};

use super::named::{Findings, Wrong};
use super::{ApiError, Reason};

/// The characters that are percent-encoded in a query: all but the unreserved ones (RFC 3986,
/// section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The parameters of a query, which one or more structs are read from.
///
/// As with bodies, one response names all faults.
#[derive(Debug)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
    findings: Findings,
}

impl Query {
    /// Reads all parameters into one struct.
    pub(crate) fn read_all<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
        let mut query = Self::parse(text)?;
        let parameters = query.read()?;
        query.finish()?;
        Ok(parameters)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let mut pairs = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode(name)?, decode(value)?));
        }
        Ok(Self { pairs, findings: Findings::default() })
    }

    /// Reads the parameters that a struct has fields for.
    pub(crate) fn read<T: DeserializeOwned>(&mut self) -> Result<T, ApiError> {
        let values = self.pairs.iter().map(|(name, value)| (name.as_str(), Text(value)));
        self.findings.read(&values)
    }

    pub(super) fn fault(&mut self, name: &str, sentence: &'static str) {
        self.findings.faults.add(name, Fault::new(FaultCode::Conflict, sentence));
    }

    /// Returns the pairs as they were sent, or all faults.
    pub(crate) fn finish(mut self) -> Result<Vec<(String, String)>, ApiError> {
        let names = self.pairs.iter().map(|(name, _)| name.as_str());
        self.findings.refuse_unknown(names, "parameter");
        self.findings.faults.into_result()?;
        Ok(self.pairs)
    }
}

/// A value whose errors are the sentences that clients get.
#[derive(Clone, Copy)]
struct Text<'de>(&'de str);

impl<'de> Deserializer<'de> for Text<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_some(self)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let flag = self.0.parse().map_err(|_| de::Error::custom("must be one of: true, false"))?;
        visitor.visit_bool(flag)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let integer = self.0.parse().map_err(|_| de::Error::custom("must be an integer"))?;
        visitor.visit_i64(integer)
    }

    /// An unsigned parameter counts something, so it is at least 1. A number that is too large
    /// becomes the largest.
    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        const LARGEST: u64 = i64::MAX.unsigned_abs();
        let is_number = !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_digit());
        match self.0.parse().unwrap_or(LARGEST) {
            number if is_number && number > 0 => visitor.visit_u64(number.min(LARGEST)),
            _ => Err(de::Error::custom("must be a positive integer")),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A line of text to search for. Empty text searches for nothing, because forms send empty fields
/// too.
#[derive(Debug)]
pub(crate) struct Search<const MAX: usize>(Option<Line<MAX>>);

impl<const MAX: usize> Search<MAX> {
    /// The text as a part of a name.
    pub(crate) fn folded(search: Option<Self>) -> Option<Folded> {
        Self::line(search).map(|line| Folded::new(line.as_str()))
    }

    /// The text as a part of a field. Accents alone search for nothing.
    pub(crate) fn text(search: Option<Self>) -> Option<SearchText> {
        let text = Self::line(search).map(|line| SearchText::new(line.as_str()));
        text.filter(|text| !text.as_str().is_empty())
    }

    fn line(search: Option<Self>) -> Option<Line<MAX>> {
        search.and_then(|search| search.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Search<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if shows_nothing(&text) {
            return Ok(Self(None));
        }
        Ok(Self(Some(Line::parse(&text).map_err(de::Error::custom)?)))
    }
}

/// The words of a search in a text of at most `MAX` characters.
#[derive(Debug, Default)]
pub(crate) struct Words<const MAX: usize>(pub(crate) SearchWords);

impl<'de, const MAX: usize> Deserialize<'de> for Words<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Search(line) = Search::<MAX>::deserialize(deserializer)?;
        let words = line.map(|line| SearchWords::new(line.as_str())).unwrap_or_default();
        if words.count() > SearchWords::MAX {
            let most = SearchWords::MAX;
            return Err(de::Error::custom(format_args!(
                "must have at most {most} different words"
            )));
        }
        Ok(Self(words))
    }
}

/// Reads a parameter and applies the rule of its type.
pub(crate) fn read_by<'de, D, A, T, E>(
    deserializer: D,
    rule: impl FnOnce(A) -> Result<T, E>,
) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    A: Deserialize<'de>,
    E: fmt::Display,
{
    rule(A::deserialize(deserializer)?).map(Some).map_err(de::Error::custom)
}

fn decode(text: &str) -> Result<String, ApiError> {
    // The decoder would keep a % that no digits follow.
    let is_whole = |after: &str| {
        after.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !text.split('%').skip(1).all(is_whole) {
        return Err(malformed("a % must be followed by two hexadecimal digits"));
    }
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    decoded.map(Cow::into_owned).map_err(|_| malformed("it must be UTF-8"))
}

fn malformed(why: &str) -> ApiError {
    ApiError::new(Reason::MalformedQuery).message(format!("The query is malformed: {why}"))
}

/// Appends percent-encoded text to a query.
pub(super) fn encode(text: &str, to: &mut String) {
    to.extend(utf8_percent_encode(text, ENCODED));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn faults(query: Query) -> Vec<String> {
        let error = query.finish().unwrap_err();
        assert_eq!(error.reason, Reason::ValidationFailed);
        error.details.by_field().keys().cloned().collect()
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Sample {
        count: Option<u64>,
        year: Option<i64>,
        flag: Option<bool>,
        title: Option<Search<9>>,
        genre: Option<Search<4>>,
    }

    #[test]
    fn all_faults_are_named_at_once() {
        let text = "count=0&year=x&flag=yes&title=a&title=b&colour=red&genre=12345";
        let mut query = Query::parse(text).unwrap();
        query.read::<Sample>().unwrap();
        assert_eq!(faults(query), ["colour", "count", "flag", "genre", "title", "year"]);
    }

    #[test]
    fn undecodable_text_is_malformed() {
        for text in ["a=%", "a=%4", "a=%zz", "%ff=a", "a=%C3", "a=%C3%28", "a=%+1"] {
            let error = Query::parse(text).unwrap_err();
            assert_eq!(error.reason, Reason::MalformedQuery, "{text}");
        }
    }

    #[test]
    fn large_positive_integers_become_the_largest() {
        let count = |text: &str| Query::read_all::<Sample>(&format!("count={text}")).ok()?.count;
        assert_eq!(count("7"), Some(7));
        assert_eq!(count("007"), Some(7));
        assert_eq!(count(&"9".repeat(40)), Some(i64::MAX.unsigned_abs()));
        for text in ["0", "-1", "+1", "%2B1", "1.0", "", "x", "000"] {
            assert_eq!(count(text), None, "{text}");
        }
    }

    #[test]
    fn text_is_trimmed_and_checked_and_may_be_empty() {
        let query: Sample = Query::read_all("title=+%C3%89mile+&genre=+").unwrap();
        assert_eq!(Search::text(query.title), Some(SearchText::new("Émile")));
        assert_eq!(Search::text(query.genre), None);
        let query: Sample = Query::read_all("title=%CC%81").unwrap();
        assert_eq!(Search::text(query.title), None);
        let invisible: Sample = Query::read_all("title=%E2%80%8B").unwrap();
        assert_eq!(Search::text(invisible.title), None);
        assert!(Query::read_all::<Sample>("title=%00").is_err());
    }

    proptest! {
        #[test]
        fn decoding_reverses_encoding(text in any::<String>()) {
            let mut encoded = String::new();
            encode(&text, &mut encoded);
            prop_assert!(encoded.is_ascii());
            prop_assert_eq!(decode(&encoded).unwrap(), text);
        }
    }
}
