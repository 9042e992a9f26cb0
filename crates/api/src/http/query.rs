use bookshelf_domain::{Fault, FaultCode, Faults, Line};

use super::{ApiError, Reason};

/// The parameters of a query, taken out one by one under the names that are known.
///
/// As with bodies, everything that is wrong is noted and answered together.
#[derive(Debug)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
    known: Vec<&'static str>,
    faults: Faults,
}

impl Query {
    /// Reads `application/x-www-form-urlencoded` pairs (WHATWG URL Standard), but strictly.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let mut pairs = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode(name)?, decode(value)?));
        }
        Ok(Self { pairs, known: Vec::new(), faults: Faults::default() })
    }

    /// The value of a parameter, if it was given, read by the one that owns its rule.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        self.known.push(name);
        let mut values = self.pairs.iter().filter(|(given, _)| given == name);
        let (_, value) = values.next()?;
        let read = if values.next().is_some() {
            Err(Fault::new(FaultCode::Conflict, "is given more than once"))
        } else {
            parse(value)
        };
        read.map_err(|fault| self.faults.add(name, fault)).ok()
    }

    /// Text to look for; none where it is empty, as an empty search box is.
    pub(crate) fn line<const MAX: usize>(&mut self, name: &'static str) -> Option<Line<MAX>> {
        let parse = |text: &str| match text.trim() {
            "" => Ok(None),
            text => Line::parse(text).map(Some),
        };
        self.parsed(name, parse).flatten()
    }

    pub(crate) fn integer(&mut self, name: &'static str) -> Option<i64> {
        self.parsed(name, |text| {
            text.parse().map_err(|_| Fault::new(FaultCode::WrongType, "must be an integer"))
        })
    }

    /// An integer from 1 up; one too large to count with is as good as the largest.
    pub(crate) fn positive(&mut self, name: &'static str) -> Option<u64> {
        self.parsed(name, |text| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            match text.parse().unwrap_or(i64::MAX.unsigned_abs()) {
                number if is_number && number > 0 => Ok(number.min(i64::MAX.unsigned_abs())),
                _ => Err(Fault::new(FaultCode::OutOfRange, "must be a positive integer")),
            }
        })
    }

    /// One of some names.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        self.parsed(name, |text| {
            let chosen = choices.iter().find(|(choice, _)| *choice == text);
            chosen.map(|(_, value)| *value).ok_or_else(|| {
                let names: Vec<_> = choices.iter().map(|(choice, _)| *choice).collect();
                Fault::new(
                    FaultCode::InvalidChoice,
                    format!("must be one of: {}", names.join(", ")),
                )
            })
        })
    }

    /// `true` or `false`; false where it is not given.
    pub(crate) fn flag(&mut self, name: &'static str) -> bool {
        self.choice(name, &[("true", true), ("false", false)]).unwrap_or_default()
    }

    pub(super) fn fault(&mut self, name: &str, sentence: &'static str) {
        self.faults.add(name, Fault::new(FaultCode::Conflict, sentence));
    }

    /// The pairs as they were given, if nothing is wrong with them.
    pub(crate) fn finish(mut self) -> Result<Vec<(String, String)>, ApiError> {
        for (name, _) in &self.pairs {
            if !self.known.contains(&name.as_str()) && !self.faults.by_field().contains_key(name) {
                let known = self.known.join(", ");
                let sentence = format!("is not a known parameter; there are {known}");
                self.faults.add(name, Fault::new(FaultCode::UnknownField, sentence));
            }
        }
        self.faults.into_result()?;
        Ok(self.pairs)
    }
}

fn decode(text: &str) -> Result<String, ApiError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = (rest.next().and_then(hex), rest.next().and_then(hex));
                let (Some(high), Some(low)) = digits else {
                    return Err(malformed("a % must be followed by two hexadecimal digits"));
                };
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| malformed("it must be UTF-8"))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| value.try_into().ok())
}

fn malformed(why: &str) -> ApiError {
    ApiError::new(Reason::MalformedQuery).message(format!("The query is malformed: {why}"))
}

/// Appends text to a query so that it is read back as it is (RFC 3986, section 2).
pub(super) fn encode(text: &str, to: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            to.push(byte.into());
        } else {
            to.push('%');
            let digits = [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
            to.extend(digits.into_iter().flatten().map(|digit| digit.to_ascii_uppercase()));
        }
    }
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

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let text = "page=0&per_page=x&sort=colour&title=a&title=b&colour=red";
        let mut query = Query::parse(text).unwrap();
        assert_eq!(query.positive("page"), None);
        assert_eq!(query.positive("per_page"), None);
        assert_eq!(query.choice("sort", &[("title", 1)]), None);
        assert_eq!(query.line::<9>("title"), None);
        assert_eq!(faults(query), ["colour", "page", "per_page", "sort", "title"]);
    }

    #[test]
    fn what_cannot_be_decoded_is_malformed() {
        for text in ["a=%", "a=%4", "a=%zz", "%ff=a", "a=%C3", "a=%C3%28", "a=%+1"] {
            let error = Query::parse(text).unwrap_err();
            assert_eq!(error.reason, Reason::MalformedQuery, "{text}");
        }
    }

    #[test]
    fn positive_integers_have_no_end() {
        let positive = |text: &str| Query::parse(&format!("n={text}")).unwrap().positive("n");
        assert_eq!(positive("7"), Some(7));
        assert_eq!(positive("007"), Some(7));
        assert_eq!(positive(&"9".repeat(40)), Some(i64::MAX.unsigned_abs()));
        for text in ["0", "-1", "+1", "%2B1", "1.0", "", "x", "000"] {
            assert_eq!(positive(text), None, "{text}");
        }
    }

    #[test]
    fn text_is_trimmed_and_none_when_empty_and_has_the_rules_of_its_field() {
        let mut query = Query::parse("a=+%C3%89mile+&b=&c=%00&d=12345").unwrap();
        assert_eq!(query.line::<9>("a").unwrap().as_str(), "Émile");
        assert_eq!(query.line::<9>("b"), None);
        assert_eq!(query.line::<9>("c"), None);
        assert_eq!(query.line::<4>("d"), None);
        assert_eq!(faults(query), ["c", "d"]);
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(text in any::<String>()) {
            let mut encoded = String::new();
            encode(&text, &mut encoded);
            prop_assert!(encoded.is_ascii());
            prop_assert_eq!(decode(&encoded).unwrap(), text);
        }
    }
}
