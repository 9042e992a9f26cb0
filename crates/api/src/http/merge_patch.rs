//! Schemas of requests that have the members of another request.

use serde_json::Value;
use utoipa::PartialSchema;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{Object, ObjectBuilder, RefOr, Schema};

/// The differences between the schema of a request and the schema whose members it has.
pub(crate) struct Variant {
    pub(crate) description: &'static str,
    pub(crate) example: Value,
    /// The members that the request may have, but that are ignored (see `Body::read_change`).
    pub(crate) read_only: &'static [&'static str],
}

impl Variant {
    /// The schema of a request that replaces a whole resource.
    pub(crate) fn replacement<T: PartialSchema>(self) -> RefOr<Schema> {
        self.derive::<T>(|_| {})
    }

    /// The schema of a JSON Merge Patch (RFC 7396): no member is required or has a default.
    pub(crate) fn merge_patch<T: PartialSchema>(self) -> RefOr<Schema> {
        self.derive::<T>(|object| {
            object.required.clear();
            for member in object.properties.values_mut() {
                match member {
                    RefOr::T(Schema::Object(member)) => member.default = None,
                    RefOr::T(Schema::OneOf(member)) => member.default = None,
                    _ => {}
                }
            }
        })
    }

    fn derive<T: PartialSchema>(self, change: impl FnOnce(&mut Object)) -> RefOr<Schema> {
        let mut schema = T::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.description = Some(self.description.to_owned());
            object.example = Some(self.example);
            object.properties.retain(|name, _| !self.read_only.contains(&name.as_str()));
            change(object);
            object.properties.extend(self.read_only.iter().map(|name| (*name).to_owned()).zip(
                std::iter::repeat_with(|| {
                    let ignored = "Read only: any value is accepted and ignored.";
                    let any = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
                    RefOr::T(any.description(Some(ignored)).into())
                }),
            ));
        }
        schema
    }
}
