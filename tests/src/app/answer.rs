use serde_json::Value;
use ureq::http::HeaderMap;

/// A response of the server.
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

    /// Returns a header, or an empty text if it is missing.
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

    /// Asserts a success and returns its resource or resources.
    #[track_caller]
    pub fn data(&self) -> Value {
        let body = self.json();
        assert_eq!(body["success"], true, "{body}");
        body["data"].clone()
    }

    /// Asserts an error, in the form that all errors have, and returns it.
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

    /// Asserts a 422 and returns the names of its fields, sorted.
    #[track_caller]
    pub fn faults(&self) -> Vec<String> {
        let error = self.error(422, "validation_failed");
        error["details"].as_object().unwrap().keys().cloned().collect()
    }
}
