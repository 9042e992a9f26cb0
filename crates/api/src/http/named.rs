//! Reads named values into structs: the members of a JSON object, or the parameters of a query.
//!
//! Serde stops at the first error, but one response must name all faults. So a wrong value is noted
//! and left out, and the struct is read again. Every field of such a struct must therefore be
//! optional.

use std::fmt;

use bookshelf_domain::{Fault, FaultCode, Faults};
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};

use super::{ApiError, Reason};

/// The most unknown names that one response lists.
const MOST_UNKNOWN: usize = 100;

/// The faults and the known names, collected while named values are read.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// The names of the fields of every struct that was read.
    pub(super) known: Vec<&'static str>,
    pub(super) faults: Faults,
}

impl Findings {
    /// Reads a struct from the values that have the names of its fields.
    pub(super) fn read<'de, T, D>(
        &mut self,
        values: &(impl Iterator<Item = (&'de str, D)> + Clone),
    ) -> Result<T, ApiError>
    where
        T: Deserialize<'de>,
        D: Deserializer<'de, Error = Wrong>,
    {
        loop {
            let mut fields = &[][..];
            let sound = values.clone().filter(|(name, _)| !self.faults.has(name));
            match T::deserialize(Struct { values: sound, fields: &mut fields }) {
                Ok(value) => {
                    self.known.extend(fields);
                    return Ok(value);
                }
                Err(Wrong { name: Some(name), sentence }) => {
                    self.faults.add(&name, Fault::new(FaultCode::WrongType, sentence));
                }
                // Only a struct with a required field gets here.
                Err(wrong) => return Err(ApiError::new(Reason::InternalError).cause(wrong)),
            }
        }
    }

    /// Adds a fault for each name for which no struct has a field, up to [`MOST_UNKNOWN`].
    pub(super) fn refuse_unknown<'n>(&mut self, names: impl Iterator<Item = &'n str>, kind: &str) {
        let known = match self.known.as_slice() {
            [] => "there are none here".to_owned(),
            known => format!("the known ones are {}", known.join(", ")),
        };
        let is_unknown = |name: &&str| !self.known.contains(name) && !self.faults.has(name);
        let unknown: Vec<_> = names.filter(is_unknown).take(MOST_UNKNOWN).collect();
        for name in unknown {
            let sentence = format!("is not a known {kind}; {known}");
            self.faults.add(name, Fault::new(FaultCode::UnknownField, sentence));
        }
    }
}

/// The error of a value: its name, if known, and the sentence that clients get.
#[derive(Debug)]
pub(super) struct Wrong {
    name: Option<String>,
    sentence: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<M: fmt::Display>(sentence: M) -> Self {
        Self { name: None, sentence: sentence.to_string() }
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self { name: Some(name.to_owned()), sentence: "is given more than once".to_owned() }
    }
}

/// The deserializer of a struct.
struct Struct<'f, I> {
    values: I,
    /// The names of the struct's fields, once they are known.
    fields: &'f mut &'static [&'static str],
}

impl<'de, I, D> Deserializer<'de> for Struct<'_, I>
where
    I: Iterator<Item = (&'de str, D)>,
    D: Deserializer<'de, Error = Wrong>,
{
    type Error = Wrong;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        *self.fields = fields;
        let values = self.values.filter(|(name, _)| fields.contains(name));
        visitor.visit_map(Values { values, current: None })
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Wrong> {
        Err(de::Error::custom("only a struct is read from named values"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Values<'de, I, D> {
    values: I,
    current: Option<(&'de str, D)>,
}

impl<'de, I, D> MapAccess<'de> for Values<'de, I, D>
where
    I: Iterator<Item = (&'de str, D)>,
    D: Deserializer<'de, Error = Wrong>,
{
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Wrong> {
        self.current = self.values.next();
        let Some((name, _)) = &self.current else { return Ok(None) };
        let name: StrDeserializer<'_, Wrong> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Wrong> {
        let Some((name, value)) = self.current.take() else {
            return Err(de::Error::custom("a value was asked for before its name"));
        };
        seed.deserialize(value).map_err(|wrong| Wrong { name: Some(name.to_owned()), ..wrong })
    }
}
