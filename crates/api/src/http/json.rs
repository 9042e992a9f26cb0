//! Reads JSON (RFC 8259) into structs, from which the OpenAPI document is made as well.

use std::fmt;
use std::marker::PhantomData;

use bookshelf_domain::{Change, Fault, FaultCode, Faults};
use serde::de::value::SeqDeserializer;
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Map, Value};

use super::named::{Findings, Wrong};
use super::{ApiError, Reason};

/// A field of a body: it may be absent, `null`, or a value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Member<T>(pub(crate) Change<T>);

/// A JSON object and its faults. A wrong member counts as absent.
#[derive(Debug)]
pub(crate) struct Read<T> {
    pub(crate) members: T,
    pub(crate) faults: Faults,
}

impl<T: DeserializeOwned> Read<T> {
    /// Reads a body. The members named in `ignored` may have any value.
    pub(crate) fn body(bytes: &[u8], deepest: usize, ignored: &[&str]) -> Result<Self, ApiError> {
        match parse(bytes, deepest)? {
            Value::Object(members) => Self::object(&members, ignored),
            other => Err(Fault::new(
                FaultCode::WrongType,
                format!("must be a JSON object, not {}", kind(&other)),
            )
            .of("body")
            .into()),
        }
    }

    fn object(members: &Map<String, Value>, ignored: &[&str]) -> Result<Self, ApiError> {
        let mut findings = Findings::default();
        let read = |name: &str| !ignored.contains(&name);
        let values = members.iter().filter(|(name, _)| read(name));
        let values = values.map(|(name, value)| (name.as_str(), Json(value)));
        let members_read = findings.read(&values)?;
        findings.known.retain(|known| read(known));
        let names = members.keys().map(String::as_str).filter(|name| read(name));
        findings.refuse_unknown(names, "field");
        Ok(Self { members: members_read, faults: findings.faults })
    }
}

/// An object inside a body. It keeps its own faults.
impl<'de, T: DeserializeOwned> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Map::deserialize(deserializer)
            .map_err(|_| de::Error::custom("must be a JSON object"))?;
        Self::object(&members, &[]).map_err(de::Error::custom)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(MemberVisitor(PhantomData))
    }
}

struct MemberVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for MemberVisitor<T> {
    type Value = Member<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    /// Serde's derive visits a field that is absent as a `None`.
    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Member(Change::Keep))
    }

    /// [`Json`] visits `null` as the unit.
    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Member(Change::Clear))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        T::deserialize(deserializer).map(|value| Member(Change::Set(value)))
    }
}

/// A value whose errors are the sentences that clients get.
#[derive(Clone, Copy)]
struct Json<'de>(&'de Value);

impl<'de> IntoDeserializer<'de, Wrong> for Json<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Json<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.0.deserialize_any(visitor).map_err(de::Error::custom)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.0.is_null() { visitor.visit_unit() } else { visitor.visit_some(self) }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let text = self.0.as_str().ok_or_else(|| de::Error::custom("must be text"))?;
        visitor.visit_borrowed_str(text)
    }

    /// As in JSON Schema, a number without a fraction is an integer, however it is written, such as
    /// `2008.0`. A number that is too large becomes the largest integer, because no field allows
    /// either.
    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let whole = |number: f64| (number.fract() == 0.0).then_some(number as i64);
        let integer = self.0.as_i64().or_else(|| self.0.as_f64().and_then(whole));
        visitor.visit_i64(integer.ok_or_else(|| de::Error::custom("must be an integer"))?)
    }

    /// All lists in bodies are lists of texts.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let wrong = || de::Error::custom("must be a list of texts");
        let items = self.0.as_array().ok_or_else(wrong)?;
        visitor.visit_seq(SeqDeserializer::new(items.iter().map(Json))).map_err(|_: Wrong| wrong())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 f64 char str bytes byte_buf unit unit_struct
        newtype_struct tuple tuple_struct map struct enum identifier ignored_any
    }
}

fn parse(bytes: &[u8], deepest: usize) -> Result<Value, ApiError> {
    let malformed = |message: String| ApiError::new(Reason::MalformedJson).message(message);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        malformed(format!("The body is not UTF-8 at byte {}", error.valid_up_to() + 1))
    })?;
    let value: Value = serde_json::from_str(text)
        .map_err(|error| malformed(format!("The body is not valid JSON: {error}")))?;
    if is_deeper_than(&value, deepest) {
        return Err(malformed(format!("The body is nested more than {deepest} levels deep")));
    }
    Ok(value)
}

/// This recursion is bounded, because the parser itself refuses more than 128 levels.
fn is_deeper_than(value: &Value, levels: usize) -> bool {
    let too_deep = |inner: &Value| levels == 0 || is_deeper_than(inner, levels - 1);
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(too_deep),
        Value::Object(members) => levels == 0 || members.values().any(too_deep),
        _ => false,
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    struct Sample {
        text: Member<String>,
        number: Member<i64>,
        list: Member<Vec<String>>,
        inner: Member<Read<Inner>>,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        text: Member<String>,
    }

    fn read(value: &Value) -> Read<Sample> {
        Read::object(value.as_object().unwrap(), &[]).unwrap()
    }

    #[test]
    fn the_three_states_of_a_member_are_distinguished() {
        let Read { members, faults } = read(&json!({"text": "a", "number": null}));
        assert_eq!(members.text.0, Change::Set("a".to_owned()));
        assert_eq!(members.number.0, Change::Clear);
        assert_eq!(members.list.0, Change::Keep);
        assert!(faults.is_empty());
    }

    #[test]
    fn an_integer_is_a_number_without_a_fraction() {
        for (value, integer) in [
            (json!(2008), 2008),
            (json!(2008.0), 2008),
            (json!(2e3), 2000),
            (json!(-720), -720),
            (json!(1e300), i64::MAX),
            (json!(u64::MAX), i64::MAX),
        ] {
            assert_eq!(read(&json!({"number": value})).members.number.0, Change::Set(integer));
        }
        for value in [json!(1.5), json!("2008"), json!(true), json!([2008])] {
            let Read { members, faults } = read(&json!({"number": value}));
            assert_eq!(members.number.0, Change::Keep);
            assert_eq!(faults.sentences("number"), ["must be an integer"]);
        }
    }

    #[test]
    fn ignored_members_may_have_any_value_and_are_not_read() {
        let value = json!({"id": [], "text": 1, "number": "x", "colour": 1});
        let members = value.as_object().unwrap();
        let Read { members, faults } =
            Read::<Sample>::object(members, &["id", "text", "links"]).unwrap();
        assert_eq!(members.text.0, Change::Keep);
        let names: Vec<_> = faults.by_field().keys().map(String::as_str).collect();
        assert_eq!(names, ["colour", "number"]);
        let known = "is not a known field; the known ones are number, list, inner";
        assert_eq!(faults.sentences("colour"), [known]);
    }

    #[test]
    fn only_the_first_hundred_unknown_names_are_listed() {
        let names = (0..150).map(|number| (format!("unknown_{number}"), json!(1)));
        let Read { faults, .. } = read(&names.collect());
        assert_eq!(faults.by_field().len(), 100);
    }

    #[test]
    fn all_faults_are_noted_and_the_rest_is_read() {
        let value = json!({
            "text": 1, "number": 7, "list": ["a", 1], "inner": [], "colour": "red", "size": null
        });
        let Read { members, faults } = read(&value);
        let names: Vec<_> = faults.by_field().keys().map(String::as_str).collect();
        assert_eq!(names, ["colour", "inner", "list", "size", "text"]);
        assert_eq!(members.number.0, Change::Set(7));
        assert_eq!(faults.sentences("text"), ["must be text"]);
        assert_eq!(faults.sentences("list"), ["must be a list of texts"]);
        assert_eq!(faults.sentences("inner"), ["must be a JSON object"]);
        let known = "is not a known field; the known ones are text, number, list, inner";
        assert_eq!(faults.sentences("colour"), [known]);
    }

    #[test]
    fn an_object_inside_notes_its_own_faults() {
        let Read { members, faults } = read(&json!({"inner": {"text": 1, "size": 2}}));
        assert!(faults.is_empty());
        let inner = members.inner.0.into_value().unwrap();
        assert_eq!(inner.members.text.0, Change::Keep);
        assert_eq!(inner.faults.by_field().len(), 2);
    }
}
