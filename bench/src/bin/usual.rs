//! usual PORT DATABASE: the peer. A books API as a good developer would write it in a day: actix-web,
//! a pool of SQLite connections, `web::block`, one `SELECT` with `LIKE '%…%'`, and `COUNT(*)`.
//!
//! It has what such a service needs: WAL and `synchronous=FULL`, indexes for the sorts, prepared
//! statements, a connection of its own for writes, checks of the input, and a secret for writers. It
//! has no accounts, no entity tags, no cursors and no index for substrings.

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, LOCATION};
use actix_web::web::{self, Data, Json, Path, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError};
use r2d2::Pool;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt;

type Db = Pool<SqliteConnectionManager>;

struct Service {
    readers: Db,
    /// SQLite has one writer, so a second connection would only wait.
    writer: Db,
    token: String,
}

#[derive(Serialize)]
struct Book {
    id: i64,
    title: String,
    author: String,
    isbn: Option<String>,
    genre: String,
    year: Option<i64>,
    description: Option<String>,
    created_at: String,
    updated_at: String,
}

const COLUMNS: &str = "id, title, author, isbn, genre, year, description, created_at, updated_at";

impl Book {
    fn read(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            title: row.get(1)?,
            author: row.get(2)?,
            isbn: row.get(3)?,
            genre: row.get(4)?,
            year: row.get(5)?,
            description: row.get(6)?,
            created_at: row.get(7)?,
            updated_at: row.get(8)?,
        })
    }

    fn find(connection: &Connection, id: i64) -> rusqlite::Result<Option<Self>> {
        connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM books WHERE id = ?"))?
            .query_row([id], Self::read)
            .optional()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBook {
    title: String,
    author: String,
    isbn: Option<String>,
    genre: Option<String>,
    year: Option<i64>,
    description: Option<String>,
}

impl NewBook {
    fn check(&self) -> Result<(), Failure> {
        for (name, text) in [("title", &self.title), ("author", &self.author)] {
            if text.trim().is_empty() || text.chars().count() > 200 {
                return Err(Failure::Invalid(format!("{name} must have 1 to 200 characters")));
            }
        }
        if self.year.is_some_and(|year| !(-3000..=2100).contains(&year)) {
            return Err(Failure::Invalid("year is out of range".into()));
        }
        match &self.isbn {
            Some(isbn) if !is_isbn(isbn) => Err(Failure::Invalid("isbn is not an ISBN-13".into())),
            _ => Ok(()),
        }
    }
}

fn is_isbn(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|character| character.to_digit(10)).collect();
    let weighted =
        digits.iter().enumerate().map(|(i, digit)| digit * if i % 2 == 0 { 1 } else { 3 });
    text.len() == 13 && digits.len() == 13 && weighted.sum::<u32>() % 10 == 0
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    page: Option<u32>,
    per_page: Option<u32>,
    search: Option<String>,
    genre: Option<String>,
    year: Option<i64>,
    sort: Option<Sort>,
    order: Option<Order>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Sort {
    Title,
    Author,
    Year,
    CreatedAt,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Order {
    Asc,
    Desc,
}

impl ListQuery {
    /// The conditions of the statement, and the values they bind.
    fn filter(&self) -> (String, Vec<Value>) {
        let mut conditions = Vec::new();
        let mut values = Vec::new();
        for word in self.search.as_deref().unwrap_or_default().split_whitespace() {
            let pattern = word.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
            let pattern = Value::Text(format!("%{pattern}%"));
            conditions.push(r"(title LIKE ? ESCAPE '\' OR author LIKE ? ESCAPE '\')");
            values.extend([pattern.clone(), pattern]);
        }
        if let Some(genre) = &self.genre {
            conditions.push("genre = ?");
            values.push(Value::Text(genre.clone()));
        }
        if let Some(year) = self.year {
            conditions.push("year = ?");
            values.push(Value::Integer(year));
        }
        match conditions.is_empty() {
            true => (String::new(), values),
            false => (format!("WHERE {}", conditions.join(" AND ")), values),
        }
    }

    fn order(&self) -> &'static str {
        match (self.sort.unwrap_or(Sort::CreatedAt), self.order) {
            (Sort::Title, Some(Order::Desc)) => "title COLLATE NOCASE DESC, id DESC",
            (Sort::Title, _) => "title COLLATE NOCASE, id",
            (Sort::Author, Some(Order::Desc)) => "author COLLATE NOCASE DESC, id DESC",
            (Sort::Author, _) => "author COLLATE NOCASE, id",
            (Sort::Year, Some(Order::Desc)) => "year DESC, id DESC",
            (Sort::Year, _) => "year, id",
            (Sort::CreatedAt, Some(Order::Asc)) => "created_at, id",
            (Sort::CreatedAt, _) => "created_at DESC, id DESC",
        }
    }
}

#[derive(Debug)]
enum Failure {
    NotFound,
    Unauthorized,
    Conflict,
    Invalid(String),
    Internal(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::Unauthorized => f.write_str("the token is missing or wrong"),
            Self::Conflict => f.write_str("the ISBN is taken"),
            Self::Invalid(message) => f.write_str(message),
            Self::Internal(_) => f.write_str("internal error"),
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::Internal(cause) = self {
            eprintln!("{cause}");
        }
        HttpResponse::build(self.status_code())
            .json(json!({"success": false, "error": self.to_string()}))
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error() {
            Some(error) if error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE => {
                Self::Conflict
            }
            _ => Self::Internal(error.to_string()),
        }
    }
}

/// Runs a function with a connection of the pool on a thread that may block.
async fn with<T: Send + 'static>(
    pool: &Db,
    f: impl FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let pool = pool.clone();
    let run = move || f(&mut *pool.get().map_err(|error| Failure::Internal(error.to_string()))?);
    web::block(run).await.map_err(|error| Failure::Internal(error.to_string()))?
}

async fn get_book(service: Data<Service>, id: Path<i64>) -> Result<HttpResponse, Failure> {
    let book = with(&service.readers, move |connection| Ok(Book::find(connection, *id)?)).await?;
    let book = book.ok_or(Failure::NotFound)?;
    Ok(HttpResponse::Ok().json(json!({"success": true, "data": book})))
}

async fn list_books(
    service: Data<Service>,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Failure> {
    let page = query.page.unwrap_or(1).max(1);
    let per_page = query.per_page.unwrap_or(20).clamp(1, 100);
    let (books, total) = with(&service.readers, move |connection| {
        let (filter, mut values) = query.filter();
        // Both statements see one state.
        let transaction = connection.transaction()?;
        let total: i64 = transaction
            .prepare_cached(&format!("SELECT COUNT(*) FROM books {filter}"))?
            .query_row(params_from_iter(&values), |row| row.get(0))?;
        values.push(Value::Integer(per_page.into()));
        values.push(Value::Integer(i64::from(page - 1) * i64::from(per_page)));
        let order = query.order();
        let books = transaction
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM books {filter} ORDER BY {order} LIMIT ? OFFSET ?"
            ))?
            .query_map(params_from_iter(&values), Book::read)?
            .collect::<Result<Vec<_>, _>>()?;
        Ok((books, total))
    })
    .await?;
    let pages = (total + i64::from(per_page) - 1) / i64::from(per_page);
    Ok(HttpResponse::Ok().json(json!({
        "success": true,
        "data": books,
        "pagination": {
            "page": page,
            "per_page": per_page,
            "total_items": total,
            "total_pages": pages,
            "has_next": i64::from(page) < pages,
            "has_prev": page > 1,
        },
    })))
}

async fn create_book(
    service: Data<Service>,
    request: HttpRequest,
    book: Json<NewBook>,
) -> Result<HttpResponse, Failure> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if header.and_then(|text| text.strip_prefix("Bearer ")) != Some(&service.token) {
        return Err(Failure::Unauthorized);
    }
    book.check()?;
    let book = with(&service.writer, move |connection| {
        let new = book.into_inner();
        let genre = new.genre.unwrap_or_else(|| "Unknown".into());
        let book = connection
            .prepare_cached(&format!(
                "INSERT INTO books (title, author, isbn, genre, year, description)
                 VALUES (?, ?, ?, ?, ?, ?) RETURNING {COLUMNS}"
            ))?
            .query_row(
                params![
                    new.title.trim(),
                    new.author.trim(),
                    new.isbn,
                    genre,
                    new.year,
                    new.description
                ],
                Book::read,
            )?;
        Ok(book)
    })
    .await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/api/v1/books/{}", book.id)))
        .json(json!({"success": true, "data": book})))
}

fn pool(path: &str, size: u32) -> Result<Db, r2d2::Error> {
    let manager = SqliteConnectionManager::file(path).with_init(|connection| {
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;
             PRAGMA cache_size = -16384;",
        )
    });
    Pool::builder().max_size(size).build(manager)
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(port), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("usage: usual PORT DATABASE, with the secret of writers in USUAL_TOKEN".into());
    };
    let token = std::env::var("USUAL_TOKEN")?;
    let writer = pool(&path, 1)?;
    writer.get()?.execute_batch(include_str!("../../usual.sql"))?;
    let service = Data::new(Service { readers: pool(&path, 8)?, writer, token });
    HttpServer::new(move || {
        App::new().app_data(service.clone()).service(
            web::scope("/api/v1/books")
                .route("", web::get().to(list_books))
                .route("", web::post().to(create_book))
                .route("/{id}", web::get().to(get_book)),
        )
    })
    .bind(("127.0.0.1", port.parse()?))?
    .run()
    .await?;
    Ok(())
}
