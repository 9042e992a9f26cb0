use std::collections::BTreeMap;
use std::fmt;

use bookshelf_domain::Faults;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_json::error::Category;

use super::limits::MAX_COLUMNS;
use super::row::row_fault;

/// The members of a JSON object, by name. The last of several of one name counts.
pub(super) type Object = BTreeMap<String, Member>;

/// The value of a member, as far as a row can use it. Nothing is kept of nested values, because a
/// short text can describe very many of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Member {
    Null,
    Text(String),
    Number(Number),
    /// A list of texts, with commas between them.
    Names(String),
    /// A boolean, an object, or any other list.
    Other,
}

/// Reads the object on a line of a file.
pub(super) fn read_object(line: &[u8]) -> Result<Object, Faults> {
    let text = str::from_utf8(line).map_err(|_| row_fault("must be UTF-8"))?;
    let Members(members) = serde_json::from_str(text).map_err(|error| {
        row_fault(match error.classify() {
            Category::Data => "must be a JSON object".to_owned(),
            Category::Eof => "is cut short".to_owned(),
            _ => format!("must be a JSON object: there is an error at column {}", error.column()),
        })
    })?;
    members.ok_or_else(|| row_fault(format!("must have at most {MAX_COLUMNS} members")))
}

/// The members, or nothing if there are too many. They are counted to the end, so that a syntax
/// error is found too.
struct Members(Option<Object>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Object::new();
        while let Some((name, value)) = map.next_entry()? {
            if members.len() == MAX_COLUMNS && !members.contains_key(&name) {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(Members(None));
            }
            members.insert(name, value);
        }
        Ok(Members(Some(members)))
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Member, E> {
        Ok(Member::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Member, E> {
        Ok(Member::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Member, E> {
        Ok(Member::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Member, E> {
        Ok(Number::from_f64(number).map_or(Member::Null, Member::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Member, E> {
        Ok(Member::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Member, E> {
        Ok(Member::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Member, A::Error> {
        let mut names = String::new();
        let mut is_first = true;
        while let Some(Name(name)) = values.next_element()? {
            let Some(name) = name else {
                while values.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Member::Other);
            };
            if !is_first {
                names.push_str(", ");
            }
            is_first = false;
            names.push_str(&name);
        }
        Ok(Member::Names(names))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Member, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }
}

/// A text in a list, or nothing if the value is no text.
struct Name(Option<String>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Name, E> {
        Ok(Name(Some(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Name, E> {
        Ok(Name(None))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Name, E> {
        Ok(Name(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Name, E> {
        Ok(Name(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Name, E> {
        Ok(Name(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Name, E> {
        Ok(Name(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Name, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Name(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Name, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Name(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn members_are_read_as_far_as_a_row_can_use_them() {
        let text = |text: &str| Member::Text(text.to_owned());
        let names = |text: &str| Member::Names(text.to_owned());
        let found = read_object(
            r#"{"a":null,"b":"x","c":7,"d":1.5,"e":["x","y"],"f":[],"g":["x",1],
            "h":{"a":[1]},"i":true,"j":[["x"]],"k":[{"a":1},"x"],"b":"last"}"#
                .as_bytes(),
        )
        .unwrap();
        let expected = [
            ("a", Member::Null),
            ("b", text("last")),
            ("c", Member::Number(7.into())),
            ("d", Member::Number(Number::from_f64(1.5).unwrap())),
            ("e", names("x, y")),
            ("f", names("")),
            ("g", Member::Other),
            ("h", Member::Other),
            ("i", Member::Other),
            ("j", Member::Other),
            ("k", Member::Other),
        ];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value)).into());
    }

    fn fault(text: &str) -> String {
        read_object(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["[1]", "7", "\"x\"", "null"] {
            assert_eq!(fault(text), "row must be a JSON object", "{text}");
        }
        assert_eq!(fault("{\"a\":"), "row is cut short");
        for text in ["{\"a\":1}}", "{\"a\":[1,]}", "{\"a\":{1:2}}"] {
            assert!(
                fault(text).starts_with("row must be a JSON object: there is an error"),
                "{text}"
            );
        }
    }

    #[test]
    fn an_object_with_too_many_members_is_refused() {
        let with = |count: usize| {
            let members: Vec<_> = (0..count).map(|number| format!("\"{number}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert_eq!(read_object(with(MAX_COLUMNS).as_bytes()).unwrap().len(), MAX_COLUMNS);
        assert_eq!(fault(&with(MAX_COLUMNS + 1)), "row must have at most 1024 members");
        // The same name again is no other member.
        let again = format!("{{\"0\":0,{}", &with(MAX_COLUMNS)[1..]);
        assert_eq!(read_object(again.as_bytes()).unwrap().len(), MAX_COLUMNS);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[\\[\\]{}\":,a0. ]{0,30}") {
            let is_object = serde_json::from_str::<Value>(&text).is_ok_and(|value| value.is_object());
            prop_assert_eq!(read_object(text.as_bytes()).is_ok(), is_object);
        }
    }
}
