use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;

use crate::call::{Call, header};
use crate::exchange::Inner;
use crate::session::Session;
use crate::{ApiKeys, Auth, Books, Error, Invites, Retry, Shelf, Tokens, Users};

/// A client of one server. Its clones share their connections and their session.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

/// What the server says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// `healthy`.
    pub status: String,
    /// The version of the server.
    pub version: String,
}

/// The settings of a client.
#[must_use]
pub struct Builder {
    url: String,
    key: Option<String>,
    tokens: Option<Tokens>,
    retry: Retry,
    user_agent: String,
}

impl Client {
    /// A client without credentials of the server at this address, such as `https://books.example.com`.
    ///
    /// # Errors
    ///
    /// Fails if the address is not a URL, or if the system has no usable TLS.
    pub fn new(url: &str) -> Result<Self, Error> {
        Self::builder(url).build()
    }

    /// Starts a client with other settings.
    pub fn builder(url: &str) -> Builder {
        Builder {
            url: url.to_owned(),
            key: None,
            tokens: None,
            retry: Retry::default(),
            user_agent: concat!("bookshelf-client/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// Registration, login and the own account.
    pub fn auth(&self) -> Auth<'_> {
        Auth(self)
    }

    /// The catalogue.
    pub fn books(&self) -> Books<'_> {
        Books(self)
    }

    /// The shelf of the user.
    pub fn shelf(&self) -> Shelf<'_> {
        Shelf(self)
    }

    /// The API keys of the user.
    pub fn api_keys(&self) -> ApiKeys<'_> {
        ApiKeys(self)
    }

    /// All accounts, for admins.
    pub fn users(&self) -> Users<'_> {
        Users(self)
    }

    /// Invitations, for admins.
    pub fn invites(&self) -> Invites<'_> {
        Invites(self)
    }

    /// The tokens of the session, to go on with it later; `None` if there is none.
    pub fn tokens(&self) -> Option<Tokens> {
        self.inner.session.tokens()
    }

    /// Whether the server is healthy, and its version.
    ///
    /// # Errors
    ///
    /// Fails if the server cannot be reached.
    pub async fn health(&self) -> Result<Health, Error> {
        // Beside the versions of the API.
        self.inner.send(Call::get("/../health").without_access()).await?.json()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.inner.url)
    }
}

impl Builder {
    /// Sends this API key with every request.
    pub fn api_key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Goes on with a session.
    pub fn tokens(mut self, tokens: Tokens) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Decides when requests are sent again.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The header `User-Agent`, which the list of sessions shows.
    pub fn user_agent(mut self, name: &str) -> Self {
        name.clone_into(&mut self.user_agent);
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// Fails if the address is not a URL, if the API key has impossible characters, or if the system has
    /// no usable TLS.
    pub fn build(self) -> Result<Client, Error> {
        let text = format!("{}/api/v1", self.url.trim_end_matches('/'));
        let url: Url = text
            .parse()
            .map_err(|error| Error::Setup(format!("{} is not a URL: {error}", self.url)))?;
        if !url.has_host() || url.query().is_some() {
            return Err(Error::Setup(format!("{} is not the address of a server", self.url)));
        }
        let http = reqwest::Client::builder()
            .user_agent(self.user_agent)
            .connect_timeout(Duration::from_secs(10))
            // A time limit for each step, because an import may take an hour.
            .read_timeout(Duration::from_secs(90))
            // The server redirects no request of the API. Credentials must not follow a redirect.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Error::Setup(format!("the client cannot be made: {error}")))?;
        let key = self.key.as_deref().map(header).transpose()?;
        let session = self.tokens.map_or_else(Session::default, Session::resume);
        Ok(Client { inner: Arc::new(Inner { http, url, key, retry: self.retry, session }) })
    }
}
