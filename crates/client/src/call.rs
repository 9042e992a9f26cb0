use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, IF_MATCH};
use reqwest::{Body, Method};
use serde::Serialize;
use serde_json::Value;

use crate::retry::Repeat;
use crate::{Error, Upload};

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request that has not been sent, and can be sent more than once.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The path below `/api/v1`.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Content,
    pub(crate) access: Access,
    pub(crate) repeat: Repeat,
}

/// The credentials that a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Those of the client, if it has any.
    Own,
    /// None: the body of the request has them.
    None,
}

#[derive(Debug)]
pub(crate) enum Content {
    Empty,
    Bytes(Bytes),
    /// A stream, until it is sent.
    Stream(Option<Body>),
}

impl Call {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Self {
            repeat: Repeat::of(&method, false),
            method,
            path: path.into(),
            query: Vec::new(),
            headers,
            body: Content::Empty,
            access: Access::Own,
        }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    pub(crate) fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    pub(crate) fn patch(path: impl Into<String>) -> Self {
        Self::new(Method::PATCH, path)
    }

    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Adds the members of a struct to the query, except for those that are null.
    pub(crate) fn query(mut self, query: &impl Serialize) -> Result<Self, Error> {
        let query = serde_json::to_value(query).map_err(|error| unwritable(&error))?;
        for (name, value) in query.as_object().into_iter().flatten() {
            match value {
                Value::Null => {}
                Value::String(text) => self.query.push((name.clone(), text.clone())),
                other => self.query.push((name.clone(), other.to_string())),
            }
        }
        Ok(self)
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(body).map_err(|error| unwritable(&error))?;
        self.body = Content::Bytes(body.into());
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(self)
    }

    pub(crate) fn upload(mut self, upload: Upload, media_type: &'static str) -> Self {
        self.body = match upload {
            Upload::Bytes(bytes) => Content::Bytes(bytes),
            Upload::Stream(body) => Content::Stream(Some(body)),
        };
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        self
    }

    pub(crate) fn accept(mut self, media_type: &'static str) -> Self {
        self.headers.insert(ACCEPT, HeaderValue::from_static(media_type));
        self
    }

    /// Makes the request conditional on an entity tag, if there is one.
    pub(crate) fn if_match(mut self, etag: Option<&str>) -> Result<Self, Error> {
        if let Some(etag) = etag {
            self.headers.insert(IF_MATCH, header(etag)?);
            self.repeat = Repeat::of(&self.method, true);
        }
        Ok(self)
    }

    /// Gives the request a new idempotency key, which it keeps when it is sent again.
    pub(crate) fn once(mut self) -> Result<Self, Error> {
        self.headers.insert(&IDEMPOTENCY_KEY, header(&random_key()?)?);
        self.repeat = Repeat::Harmless;
        Ok(self)
    }

    /// Lets the request be sent again although it is a POST.
    pub(crate) fn harmless(mut self) -> Self {
        self.repeat = Repeat::Harmless;
        self
    }

    /// Sends no credentials of the client.
    pub(crate) fn without_access(mut self) -> Self {
        self.access = Access::None;
        self
    }

    /// Whether the body was sent and cannot be sent again.
    pub(crate) fn is_spent(&self) -> bool {
        matches!(self.body, Content::Stream(None))
    }
}

/// The value of a header.
pub(crate) fn header(value: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(value).map_err(|_| {
        Error::Setup("a token or a tag has characters that no header can have".to_owned())
    })
}

fn random_key() -> Result<String, Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| Error::Setup(format!("the system has no randomness: {error}")))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn unwritable(error: &serde_json::Error) -> Error {
    Error::Setup(format!("the request cannot be written as JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_creation_keeps_its_key_and_others_get_their_own() {
        let key = |call: &Call| call.headers.get(&IDEMPOTENCY_KEY).cloned();
        let call = Call::post("/books").once().unwrap();
        assert_eq!(key(&call).unwrap().len(), 32);
        assert_ne!(key(&call), key(&Call::post("/books").once().unwrap()));
        assert_eq!(call.repeat, Repeat::Harmless);
    }

    #[test]
    fn a_query_leaves_out_what_is_not_set() {
        let call = Call::get("/books").query(&serde_json::json!({"a": null, "b": "x y", "c": 7}));
        let expected = [("b", "x y"), ("c", "7")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(call.unwrap().query, expected);
    }
}
