use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bookshelf_application::accounts::Client;
use bookshelf_application::{CatalogueWriter, Error};
use bookshelf_domain::accounts::{CredentialsDraft, RegistrationDraft};
use bookshelf_domain::books::{
    Book, BookDraft, BookFilter, BookId, BookQuery, BookSort, SearchWords,
};
use bookshelf_domain::limits::RateLimiter;
use bookshelf_domain::{Change, Order, Start};
use serde::{Deserialize, Serialize};

use crate::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/register", post(register))
        .route("/login", post(login))
        .route("/books", get(list).post(add))
        .route("/books/{id}", get(show))
}

#[derive(Deserialize)]
struct Account {
    email: String,
    password: String,
}

#[derive(Deserialize)]
struct NewBook {
    title: String,
    author: String,
    isbn: Option<String>,
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    search: String,
}

/// A book as this service shows it.
#[derive(Serialize)]
struct BookView {
    id: i64,
    title: String,
    author: String,
    isbn: Option<String>,
}

impl From<&Book> for BookView {
    fn from(book: &Book) -> Self {
        Self {
            id: book.id.get(),
            title: book.fields.title.as_str().to_owned(),
            author: book.fields.author.as_str().to_owned(),
            isbn: book.fields.isbn.map(|isbn| isbn.as_str().to_owned()),
        }
    }
}

async fn register(
    State(service): State<Service>,
    account: Result<Json<Account>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let Json(Account { email, password }) = account?;
    let (email, password) = (Change::Set(email), Change::Set(password));
    let draft = RegistrationDraft { email, password, ..Default::default() };
    service.accounts.register(draft, None).await?;
    Ok(StatusCode::CREATED)
}

async fn login(
    State(service): State<Service>,
    account: Result<Json<Account>, JsonRejection>,
) -> Result<String, Refusal> {
    let Json(Account { email, password }) = account?;
    let (email, password) = (Change::Set(email), Change::Set(password));
    let draft = CredentialsDraft { email, password, ..Default::default() };
    Ok(service.accounts.login(draft, Client::default()).await?.access_token)
}

async fn list(
    State(service): State<Service>,
    Query(Search { search }): Query<Search>,
) -> Result<Json<Vec<BookView>>, Refusal> {
    let query = BookQuery {
        filter: BookFilter { search: SearchWords::new(&search), ..BookFilter::default() },
        sort: BookSort::Title,
        order: Order::Ascending,
        start: Start::Offset(0),
        limit: 20,
        count: false,
    };
    let books = service.books.list(query).await?;
    Ok(Json(books.items.iter().map(BookView::from).collect()))
}

async fn show(
    State(service): State<Service>,
    Path(id): Path<i64>,
) -> Result<Json<BookView>, Refusal> {
    let book = service.books.get(BookId::new(id)).await?;
    Ok(Json(BookView::from(&book)))
}

async fn add(
    State(service): State<Service>,
    headers: HeaderMap,
    book: Result<Json<NewBook>, JsonRejection>,
) -> Result<(StatusCode, Json<BookView>), Refusal> {
    let writer = writer(&service, &headers).await?;
    let Json(NewBook { title, author, isbn }) = book?;
    let draft = BookDraft {
        title: Change::Set(title),
        author: Change::Set(author),
        isbn: isbn.map_or(Change::Keep, Change::Set),
        ..BookDraft::default()
    };
    let made = service.books.create(&writer, draft, None).await?.into_inner();
    Ok((StatusCode::CREATED, Json(BookView::from(&made))))
}

/// The user of the request, who has not added too many books.
async fn writer(service: &Service, headers: &HeaderMap) -> Result<CatalogueWriter, Refusal> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let writer = service.accounts.authenticate(token).await?.into_catalogue_writer()?;
    let key = format!("add:{}", writer.user_id());
    let spent = service.limiter.spend(&key, service.quota, service.clock.now()).await;
    let spent = spent.map_err(Error::from)?;
    if spent.allowed { Ok(writer) } else { Err(Refusal::TooMany(spent.reset_seconds)) }
}

/// Why a request is refused.
enum Refusal {
    UseCase(Error),
    Body(JsonRejection),
    /// Seconds until the user may try again.
    TooMany(u32),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::UseCase(error)
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        Self::Body(rejection)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::UseCase(error) => (status(&error), error.to_string()).into_response(),
            Self::Body(rejection) => rejection.into_response(),
            Self::TooMany(seconds) => {
                let wait = [(header::RETRY_AFTER, seconds.to_string())];
                (StatusCode::TOO_MANY_REQUESTS, wait, "too many new books").into_response()
            }
        }
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::IsbnTaken { .. } | Error::EmailTaken { .. } => StatusCode::CONFLICT,
        Error::InvalidCredentials | Error::Token(_) => StatusCode::UNAUTHORIZED,
        Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
