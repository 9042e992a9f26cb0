//! Sending requests and reading responses.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH};
use reqwest::{Method, Response, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::call::{Access, Call, Content, header};
use crate::session::Session;
use crate::{Error, Reason, Retry, Tagged};

static X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What the clones of a client share.
pub(crate) struct Inner {
    pub(crate) http: reqwest::Client,
    pub(crate) url: Url,
    pub(crate) key: Option<HeaderValue>,
    pub(crate) retry: Retry,
    pub(crate) session: Session,
}

/// A response that has arrived completely.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

impl Reply {
    async fn read(response: Response) -> Result<Self, Error> {
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Self { status, headers, body: response.bytes().await? })
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| Error::Response {
            status: self.status.as_u16(),
            why: error.to_string(),
        })
    }

    pub(crate) fn data<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.json::<Envelope<T>>().map(|envelope| envelope.data)
    }

    pub(crate) fn tagged<T: DeserializeOwned>(&self) -> Result<Tagged<T>, Error> {
        let etag = self.headers.get(ETAG).and_then(|etag| etag.to_str().ok());
        Ok(Tagged { value: self.data()?, etag: etag.map(str::to_owned) })
    }

    /// Whether the copy of the client is current.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.status == StatusCode::NOT_MODIFIED
    }
}

/// What has happened to a call so far.
#[derive(Default)]
struct Progress {
    failures: u32,
    /// The access token of the last attempt.
    access: Option<String>,
    has_renewed: bool,
    /// Whether an attempt may have been carried out although it failed.
    may_be_done: bool,
}

impl Inner {
    /// Sends a call until it succeeds or must not be sent again, and reads the response.
    pub(crate) async fn send(self: &Arc<Self>, mut call: Call) -> Result<Reply, Error> {
        let mut progress = Progress::default();
        loop {
            let outcome = match self.attempt(&mut call, &mut progress).await {
                Ok(response) => Reply::read(response).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(reply) => return Ok(reply),
                // An earlier attempt has deleted the resource.
                Err(Error::Api(error))
                    if progress.may_be_done
                        && call.method == Method::DELETE
                        && error.status == 404 =>
                {
                    let (status, headers) = (StatusCode::NO_CONTENT, HeaderMap::new());
                    return Ok(Reply { status, headers, body: Bytes::new() });
                }
                Err(error) => self.recover(&call, &mut progress, error).await?,
            }
        }
    }

    /// The same, for a response that is read as it arrives.
    pub(crate) async fn download(self: &Arc<Self>, mut call: Call) -> Result<Response, Error> {
        let mut progress = Progress::default();
        loop {
            match self.attempt(&mut call, &mut progress).await {
                Ok(response) => return Ok(response),
                Err(error) => self.recover(&call, &mut progress, error).await?,
            }
        }
    }

    async fn attempt(
        self: &Arc<Self>,
        call: &mut Call,
        progress: &mut Progress,
    ) -> Result<Response, Error> {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{}", url.path(), call.path));
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut request = self.http.request(call.method.clone(), url).headers(call.headers.clone());
        if call.access == Access::Own {
            if let Some(key) = &self.key {
                request = request.header(&X_API_KEY, key);
            } else {
                progress.access = self.session.access_token(self).await?;
                if let Some(access) = &progress.access {
                    let mut value = header(&format!("Bearer {access}"))?;
                    value.set_sensitive(true);
                    request = request.header(AUTHORIZATION, value);
                }
            }
        }
        request = match &mut call.body {
            Content::Empty => request,
            Content::Bytes(bytes) => request.body(bytes.clone()),
            Content::Stream(body) => match body.take() {
                Some(body) => request.body(body),
                None => return Err(Error::Setup("the stream was sent already".to_owned())),
            },
        };
        let response = request.send().await?;
        let status = response.status();
        let is_unchanged =
            status == StatusCode::NOT_MODIFIED && call.headers.contains_key(IF_NONE_MATCH);
        if status.is_success() || is_unchanged {
            return Ok(response);
        }
        let headers = response.headers().clone();
        let body = response.bytes().await?;
        Err(Error::of(status, &headers, &body))
    }

    /// Prepares the next attempt, or returns the error if there must be none.
    async fn recover(
        self: &Arc<Self>,
        call: &Call,
        progress: &mut Progress,
        error: Error,
    ) -> Result<(), Error> {
        if let (Some(old), true, false) = (&progress.access, is_stale(&error), progress.has_renewed)
        {
            progress.has_renewed = true;
            self.session.renew(self, old).await?;
            return if call.is_spent() { Err(error) } else { Ok(()) };
        }
        progress.failures += 1;
        let wait = self.retry.wait(&error, call.repeat, progress.failures);
        let Some(wait) = wait.filter(|_| !call.is_spent()) else { return Err(error) };
        progress.may_be_done |= match &error {
            Error::Api(error) => error.status == 503,
            _ => true,
        };
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

/// Whether the server refuses the access token, and may accept a new one.
fn is_stale(error: &Error) -> bool {
    matches!(
        error.reason(),
        Some(Reason::TokenExpired | Reason::TokenInvalid | Reason::TokenRevoked)
    )
}
