use serde_json::Value;
use ureq::http::HeaderMap;

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// Asserts the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// A header, which is empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The resource, or the resources, in the envelope of a success.
    #[track_caller]
    pub fn data(&self) -> Value {
        let body = self.json();
        assert_eq!(body["success"], true, "{body}");
        body["data"].clone()
    }

    /// The inside of an error, which has the shape that every error has.
    #[track_caller]
    pub fn error(&self, status: u16, reason: &str) -> Value {
        let body = self.json();
        assert_eq!((self.status, &body["error"]["reason"]), (status, &reason.into()), "{body}");
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(body["success"], false);
        assert_eq!(body["error"]["code"], status);
        assert!(body["error"]["message"].is_string(), "{body}");
        assert_eq!(body["error"]["request_id"], self.header("x-request-id"));
        body["error"].clone()
    }

    /// The names of the fields that a 422 finds fault with, in the order of the alphabet.
    #[track_caller]
    pub fn faults(&self) -> Vec<String> {
        let error = self.error(422, "validation_failed");
        error["details"].as_object().unwrap().keys().cloned().collect()
    }
}
