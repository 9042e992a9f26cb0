use bookshelf_domain::{Change, Fault, FaultCode, Faults};
use serde_json::{Map, Value};

/// The members of a JSON object, taken out one by one under the names that are known.
///
/// Nothing that is wrong stops the reading: it is noted, and all of it answered together.
pub(crate) struct Fields {
    members: Map<String, Value>,
    known: Vec<&'static str>,
    faults: Faults,
}

/// A body that is read from the members of a JSON object.
pub(crate) trait FromFields {
    fn from_fields(fields: &mut Fields) -> Self;
}

impl Fields {
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Self { members, known: Vec::new(), faults: Faults::default() }
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Change<String> {
        self.take(name, "must be text", |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
    }

    /// A number without a fraction, however it is written: `2008.0` is an integer, as JSON Schema
    /// has it. What does not fit is as good as the nearest that does; no rule allows either.
    pub(crate) fn integer(&mut self, name: &'static str) -> Change<i64> {
        self.take(name, "must be an integer", |value| {
            let number = value.as_number()?;
            number.as_i64().or_else(|| {
                let number = number.as_f64()?;
                (number.fract() == 0.0).then_some(number as i64)
            })
        })
    }

    pub(crate) fn texts(&mut self, name: &'static str) -> Change<Vec<String>> {
        self.take(name, "must be a list of texts", |value| match value {
            Value::Array(items) => items
                .into_iter()
                .map(|item| match item {
                    Value::String(text) => Some(text),
                    _ => None,
                })
                .collect(),
            _ => None,
        })
    }

    /// An object, whose own faults it notes itself.
    pub(crate) fn object<T: FromFields>(&mut self, name: &'static str) -> Change<T> {
        self.take(name, "must be a JSON object", |value| match value {
            Value::Object(members) => Some(T::from_fields(&mut Fields::new(members))),
            _ => None,
        })
    }

    /// Refuses a field that others of the kind have.
    pub(crate) fn refuse(&mut self, name: &'static str, why: &'static str) {
        if self.members.remove(name).is_some() {
            self.faults.add(name, Fault::new(FaultCode::NotAllowed, why));
        }
    }

    fn take<T>(
        &mut self,
        name: &'static str,
        fault: &'static str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Change<T> {
        self.known.push(name);
        match self.members.remove(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Clear,
            Some(value) => match read(value) {
                Some(value) => Change::Set(value),
                None => {
                    self.faults.add(name, Fault::new(FaultCode::WrongType, fault));
                    Change::Keep
                }
            },
        }
    }

    /// Everything that was found wrong, fields that nobody asked for among it.
    pub(crate) fn finish(&mut self) -> Faults {
        let known = self.known.join(", ");
        for name in self.members.keys() {
            let sentence = format!("is not a known field; there are {known}");
            self.faults.add(name, Fault::new(FaultCode::UnknownField, sentence));
        }
        std::mem::take(&mut self.faults)
    }

    #[cfg(test)]
    pub(crate) fn known(&self) -> &[&'static str] {
        &self.known
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        let Value::Object(members) = value else { panic!("no object") };
        Fields::new(members)
    }

    #[test]
    fn the_three_states_of_a_member_are_told_apart() {
        let mut fields = fields(json!({"set": "a", "cleared": null}));
        assert_eq!(fields.text("set"), Change::Set("a".to_owned()));
        assert_eq!(fields.text("cleared"), Change::Clear);
        assert_eq!(fields.text("absent"), Change::Keep);
        assert!(fields.finish().is_empty());
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
            assert_eq!(fields(json!({"n": value})).integer("n"), Change::Set(integer));
        }
        for value in [json!(1.5), json!("2008"), json!(true), json!([2008])] {
            let mut fields = fields(json!({"n": value}));
            assert_eq!(fields.integer("n"), Change::Keep);
            assert_eq!(fields.finish().by_field()["n"], ["must be an integer"]);
        }
    }

    #[test]
    fn wrong_and_unknown_members_are_all_noted() {
        let mut fields = fields(json!({"title": 1, "colour": "red", "size": null}));
        fields.text("title");
        let faults = fields.finish();
        let names: Vec<_> = faults.by_field().keys().map(String::as_str).collect();
        assert_eq!(names, ["colour", "size", "title"]);
        assert!(faults.by_field()["colour"][0].contains("title"));
    }
}
