use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderName, HeaderValue, Method, request};

use super::Answer;

/// A client of the server. Its connections are kept open, and shared by its clones.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    url: String,
    /// The tokens of its login.
    pub login: Option<Login>,
    /// An API key, which is sent instead of an access token.
    key: Option<String>,
}

/// The tokens and the user that a login or a refresh returned.
#[derive(Debug, Clone)]
pub struct Login {
    pub access_token: String,
    pub refresh_token: String,
    pub user: Value,
}

impl From<Value> for Login {
    fn from(data: Value) -> Self {
        let text = |name: &str| data[name].as_str().unwrap().to_owned();
        Self {
            access_token: text("access_token"),
            refresh_token: text("refresh_token"),
            user: data["user"].clone(),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "bodies are written where they are sent")]
impl Client {
    pub(super) fn new(url: String) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .new_agent();
        Self { agent, url, login: None, key: None }
    }

    /// Returns the same client with other tokens.
    #[must_use]
    pub fn bearing(&self, login: Login) -> Self {
        Self { login: Some(login), ..self.clone() }
    }

    /// Makes an API key with these permissions, and returns a client that sends it.
    #[must_use]
    pub fn service(&self, permissions: &[&str]) -> Self {
        let key = serde_json::json!({"name": "a service", "permissions": permissions});
        let made = self.post("/api/v1/api-keys", key).expect(201).data();
        self.showing(made["key"].as_str().unwrap())
    }

    /// Returns the same client with this API key instead of tokens.
    #[must_use]
    pub fn showing(&self, key: &str) -> Self {
        Self { login: None, key: Some(key.to_owned()), ..self.clone() }
    }

    /// The tokens of its login, which must have happened.
    pub fn login(&self) -> &Login {
        self.login.as_ref().unwrap()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    pub fn post(&self, path: &str, body: Value) -> Answer {
        self.request("POST", path).json(&body).send()
    }

    pub fn put(&self, path: &str, body: Value) -> Answer {
        self.request("PUT", path).json(&body).send()
    }

    pub fn patch(&self, path: &str, body: Value) -> Answer {
        self.request("PATCH", path).json(&body).send()
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send()
    }

    /// Starts a request, with the API key or the access token of this client.
    pub fn request(&self, method: &str, path: &str) -> Request {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = Request {
            agent: self.agent.clone(),
            head: request::Builder::new().method(method).uri(format!("{}{path}", self.url)),
            body: None,
        };
        match (&self.key, &self.login) {
            (Some(key), _) => request.header("x-api-key", key),
            (None, Some(login)) => request.bearer(&login.access_token),
            (None, None) => request,
        }
    }
}

#[must_use]
pub struct Request {
    agent: Agent,
    head: request::Builder,
    body: Option<Vec<u8>>,
}

impl Request {
    /// Sets a header; replaces one of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).unwrap();
        let value = HeaderValue::try_from(value).unwrap();
        self.head.headers_mut().unwrap().insert(name, value);
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", media_type)
    }

    pub fn send(self) -> Answer {
        self.try_send().unwrap()
    }

    /// Sends the request to a server that may be gone.
    pub fn try_send(self) -> Result<Answer, ureq::Error> {
        let response = match self.body {
            Some(body) => self.agent.run(self.head.body(body)?)?,
            None => self.agent.run(self.head.body(())?)?,
        };
        let (head, mut body) = response.into_parts();
        let body = body.with_config().limit(100 << 20).read_to_vec()?;
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }
}
