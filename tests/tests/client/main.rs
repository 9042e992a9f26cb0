//! The crate `bookshelf-client` against the whole program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod files;
mod lossy;
mod operations;
mod retries;
mod sessions;

use std::sync::atomic::{AtomicUsize, Ordering};

use bookshelf_client::{BookInput, Client, Registration};
use bookshelf_tests::app::App;

const PASSWORD: &str = "correct horse battery";

fn client(app: &App) -> Client {
    Client::new(&app.url()).unwrap()
}

/// A client that has registered and logged in.
async fn user(app: &App, name: &str) -> Client {
    let client = client(app);
    let registration = Registration {
        email: format!("{name}@example.com"),
        password: PASSWORD.to_owned(),
        username: Some(name.to_owned()),
        ..Registration::default()
    };
    client.auth().register(&registration).await.unwrap();
    client.auth().login(&registration.email, PASSWORD).await.unwrap();
    client
}

/// A client that an admin has logged in with.
async fn admin(app: &App) -> Client {
    app.admin();
    let client = client(app);
    client.auth().login("admin@example.com", PASSWORD).await.unwrap();
    client
}

fn book(title: &str) -> BookInput {
    BookInput { title: title.to_owned(), author: "Ann".to_owned(), ..BookInput::default() }
}

/// How many requests with this path the server has answered.
fn requests(app: &App, path: &str) -> usize {
    static MARKS: AtomicUsize = AtomicUsize::new(0);
    let path = format!("\"path\":\"{path}\"");
    // The log is written a moment later, and in the order of the requests.
    let mark = format!("/mark-{}", MARKS.fetch_add(1, Ordering::Relaxed));
    app.anonymous().get(&mark);
    app.log_until(&format!("\"path\":\"{mark}\""))
        .lines()
        .filter(|line| line.contains(&path))
        .count()
}
