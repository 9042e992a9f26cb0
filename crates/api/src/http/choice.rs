//! Values that clients choose by name.

use serde::de::{self, Deserialize, Deserializer};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A type whose values have names.
pub(crate) trait Choice: Sized + 'static {
    const CHOICES: &'static [(&'static str, Self)];
}

/// One of the choices, read by its name and documented with all names.
#[derive(Debug)]
pub(crate) struct Chosen<T: 'static> {
    pub(crate) name: &'static str,
    pub(crate) value: &'static T,
}

impl<T> Clone for Chosen<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Chosen<T> {}

impl<T: Choice> Chosen<T> {
    /// The choice that is listed first.
    pub(crate) fn first() -> Self {
        let (name, value) = &T::CHOICES[0];
        Self { name, value }
    }

    /// The schema of the names, to which a description can be added.
    pub(crate) fn names() -> ObjectBuilder {
        let names = T::CHOICES.iter().map(|(name, _)| *name);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names))
    }
}

impl<'de, T: Choice> Deserialize<'de> for Chosen<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let chosen = T::CHOICES.iter().find(|(name, _)| *name == text);
        let (name, value) = chosen.ok_or_else(|| {
            let names: Vec<_> = T::CHOICES.iter().map(|(name, _)| *name).collect();
            de::Error::custom(format!("must be one of: {}", names.join(", ")))
        })?;
        Ok(Self { name, value })
    }
}

impl<T: Choice> PartialSchema for Chosen<T> {
    fn schema() -> RefOr<Schema> {
        Self::names().into()
    }
}

impl<T: Choice> ToSchema for Chosen<T> {}
