//! The service from outside, over HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::thread;

use axum_service::service;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// Starts the service, and returns its URL. It ends with the test.
fn start() -> String {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = service("2/minute".parse().unwrap());
    thread::spawn(move || runtime.block_on(async { axum::serve(listener, service).await }));
    url
}

fn post(url: &str, token: &str, body: &Value) -> (u16, String) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let request = agent.post(url).header("authorization", format!("Bearer {token}"));
    let mut answer = request.send_json(body).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

#[test]
fn a_user_adds_books_and_everybody_finds_them() {
    let url = start();
    let ann = json!({"email": "ann@example.com", "password": "correct horse battery"});
    assert_eq!(post(&format!("{url}/register"), "", &ann).0, 201);
    let (status, token) = post(&format!("{url}/login"), "", &ann);
    assert_eq!(status, 200);

    let books = format!("{url}/books");
    let dune = json!({"title": "Dune", "author": "Frank Herbert", "isbn": "9780441172719"});
    assert_eq!(post(&books, "no token", &dune).0, 401);
    assert_eq!(post(&books, &token, &dune).0, 201);
    assert_eq!(post(&books, &token, &dune).0, 409);
    assert_eq!(post(&books, &token, &dune).0, 429);

    let found = ureq::get(format!("{books}?search=herbert")).call().unwrap();
    let found: Vec<Value> = found.into_body().read_json().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["title"], "Dune");
}
