use actix_web::HttpRequest;
use actix_web::web::Bytes;
use bookshelf_application::Principal;
use bookshelf_application::accounts::Accounts;
use bookshelf_application::api_keys::ApiKeys;
use bookshelf_application::books::Books;
use bookshelf_application::covers::Covers;
use bookshelf_application::invites::Invites;
use bookshelf_application::shelves::Shelves;
use futures_util::future::BoxFuture;

use crate::SlowReads;
use crate::http::{self, ApiError, SlowRead, client_for_shares};
use crate::transfer::Transfers;

/// Tells whether the server can take requests: the database answers and the server is not stopping.
pub type Readiness = Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// What the handlers need.
pub struct App {
    pub books: Books,
    /// The catalogue for requests without credentials. It may lag behind.
    pub public_books: Books,
    pub covers: Covers,
    pub accounts: Accounts,
    pub api_keys: ApiKeys,
    pub invites: Invites,
    pub transfers: Transfers,
    pub shelves: Shelves,
    /// The share of one client in the slow reads of the database.
    pub slow_reads: SlowReads,
    /// The public keys of access tokens, as JSON.
    pub jwks: Bytes,
    pub readiness: Readiness,
}

impl App {
    /// The catalogue for this request. A client with credentials may have just written a book and
    /// must see it, so it reads the catalogue that does not lag behind.
    pub(crate) fn books_for(&self, request: &HttpRequest) -> &Books {
        if http::shows_credentials(request) { &self.books } else { &self.public_books }
    }

    /// Waits until this client, at the address of this request, may have a slow read.
    pub(crate) async fn slow_read(
        &self,
        client: Principal,
        request: &HttpRequest,
    ) -> Result<SlowRead, ApiError> {
        self.slow_reads.turn(client, client_for_shares(request)).await
    }
}
