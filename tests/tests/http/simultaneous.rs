//! Many clients at the same moment, of every server on one database.

use std::collections::HashSet;
use std::sync::Barrier;
use std::thread;

use bookshelf_tests::app::{Answer, App, Client, Login, on_postgres};
use serde_json::json;

const PASSWORD: &str = "correct horse battery";

/// Lets so many threads ask at the same moment.
fn at_once(clients: usize, ask: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    let start = Barrier::new(clients);
    let (start, ask) = (&start, &ask);
    thread::scope(|scope| {
        let asked: Vec<_> = (0..clients)
            .map(|number| {
                scope.spawn(move || {
                    start.wait();
                    ask(number)
                })
            })
            .collect();
        asked.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

/// The servers take turns.
fn server(servers: &[App], number: usize) -> &App {
    &servers[number % servers.len()]
}

/// The same user as a client of the server whose turn it is.
fn at(servers: &[App], number: usize, user: &Client) -> Client {
    server(servers, number).anonymous().bearing(user.login().clone())
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[test]
fn one_email_is_registered_once() {
    let servers = App::several(&[]);
    let answers = at_once(20, |number| {
        let email = if number % 2 == 0 { "ann@example.com" } else { "ANN@Example.com" };
        let body = json!({"email": email, "password": "correct horse battery"});
        server(&servers, number).anonymous().post("/api/v1/auth/register", body)
    });
    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 19));
}

#[test]
fn one_refresh_token_has_one_successor() {
    let servers = App::several(&[("BOOKSHELF_REFRESH_REUSE_GRACE", "1h")]);
    let ann = servers[0].user("ann");
    let token = &ann.login().refresh_token;
    let answers = at_once(20, |number| {
        server(&servers, number)
            .anonymous()
            .request("POST", "/api/v1/auth/refresh")
            .bearer(token)
            .send()
    });
    let successors: HashSet<_> = answers
        .into_iter()
        .map(|answer| Login::from(answer.expect(200).data()).refresh_token)
        .collect();
    assert_eq!(successors.len(), 1);
}

#[test]
fn of_many_changes_of_one_password_one_is_carried_out() {
    let servers = App::several(&[]);
    let ann = servers[0].user("ann");
    let new = |number: usize| format!("a better password {number}");
    let answers = at_once(8, |number| {
        let body = json!({"current_password": PASSWORD, "new_password": new(number)});
        at(&servers, number, &ann).post("/api/v1/auth/password", body)
    });
    let winner = answers.iter().position(|answer| answer.status == 204).unwrap();
    for (number, answer) in answers.iter().enumerate() {
        if number != winner {
            answer.error(401, "invalid_credentials");
        }
        let body = json!({"email": "ann@example.com", "password": new(number)});
        let login = servers[0].anonymous().post("/api/v1/auth/login", body);
        assert_eq!(login.status, if number == winner { 200 } else { 401 });
    }
}

#[test]
fn of_a_deletion_and_a_change_of_the_password_one_is_carried_out() {
    let servers = App::several(&[]);
    for round in 0..4 {
        let ann = servers[0].user(&format!("ann{round}"));
        let answers = at_once(2, |number| {
            let ann = at(&servers, number, &ann);
            match number {
                0 => ann.post("/api/v1/auth/delete-account", json!({"password": PASSWORD})),
                _ => {
                    let body = json!({"current_password": PASSWORD, "new_password": "another one"});
                    ann.post("/api/v1/auth/password", body)
                }
            }
        });
        assert_eq!((count(&answers, 204), count(&answers, 401)), (1, 1));
        let is_there = ann.get("/api/v1/auth/me").status == 200;
        assert_eq!(is_there, answers[1].status == 204);
    }
}

#[test]
fn one_isbn_is_added_once() {
    let servers = App::several(&[]);
    let ann = servers[0].user("ann");
    let answers = at_once(20, |number| {
        let isbn = if number % 2 == 0 { "0132350882" } else { "978-0-13-235088-4" };
        let book = json!({"title": format!("Book {number}"), "author": "A", "isbn": isbn});
        at(&servers, number, &ann).post("/api/v1/books", book)
    });
    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 19));
    assert_eq!(ann.get("/api/v1/books").header("x-total-count"), "1");
}

#[test]
fn one_book_is_put_on_a_shelf_once() {
    let app = App::start();
    let ann = app.user("ann");
    let book = ann.post("/api/v1/books", json!({"title": "A", "author": "B"})).expect(201).data();
    let answers = at_once(20, |_| ann.post("/api/v1/shelf", json!({"book_id": book["id"]})));
    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 19));
    assert_eq!(ann.get("/api/v1/shelf").header("x-total-count"), "1");
}

#[test]
fn no_rating_is_lost_among_many_readers() {
    let app = App::start();
    let ann = app.user("ann");
    let book = ann.post("/api/v1/books", json!({"title": "A", "author": "B"})).expect(201).data();
    let readers: Vec<_> = (0..64).map(|number| app.user(&format!("reader{number}"))).collect();
    at_once(64, |number| {
        let reader = &readers[number];
        let entry = json!({"book_id": book["id"], "rating": 1});
        let entry = reader.post("/api/v1/shelf", entry).expect(201);
        let path = entry.header("location");
        for rating in [json!(5), json!(null), json!(number % 5 + 1)] {
            reader.patch(path, json!({"rating": rating})).expect(200);
        }
        if number % 8 == 0 { reader.delete(path) } else { entry }
    });
    let stars: Vec<_> =
        (0..64).filter(|number| number % 8 != 0).map(|number| number % 5 + 1).collect();
    let average =
        (f64::from(stars.iter().sum::<i32>()) / stars.len() as f64 * 100.0).round() / 100.0;
    let shown = ann.get(book["links"]["self"].as_str().unwrap()).expect(200).data();
    assert_eq!(shown["rating"], json!({"average": average, "count": 56}));
    assert_eq!(shown["updated_at"], book["updated_at"]);
}

#[test]
fn no_update_is_lost() {
    let servers = App::several(&[]);
    let ann = servers[0].user("ann");
    let book = json!({"title": "A", "author": "B", "description": "0"});
    let path = ann.post("/api/v1/books", book).expect(201).header("location").to_owned();
    at_once(50, |number| {
        let ann = at(&servers, number, &ann);
        loop {
            let seen = ann.get(&path).expect(200);
            let text = seen.data()["description"].clone();
            let number: u32 = text.as_str().unwrap().parse().unwrap();
            let answer = ann
                .request("PATCH", &path)
                .header("if-match", seen.header("etag"))
                .json(&json!({"description": (number + 1).to_string()}))
                .send();
            match answer.status {
                412 => {}
                _ => return answer.expect(200),
            }
        }
    });
    assert_eq!(ann.get(&path).data()["description"], "50");
}

#[test]
fn what_was_answered_outlives_a_kill() {
    let mut app = App::start();
    let ann = app.user("ann");
    let answered = thread::scope(|scope| {
        let clients: Vec<_> = (0..64)
            .map(|client| {
                let ann = &ann;
                scope.spawn(move || {
                    let mut made = Vec::new();
                    for number in 0.. {
                        let book = json!({"title": format!("{client}-{number}"), "author": "A"});
                        let request = ann.request("POST", "/api/v1/books").json(&book);
                        let Ok(answer) = request.try_send() else { break };
                        made.push(answer.expect(201).data());
                    }
                    made
                })
            })
            .collect();
        let total = || ann.get("/api/v1/books").header("x-total-count").parse::<u32>().unwrap();
        while total() < 500 {}
        app.kill();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(answered.len() > 400, "{}", answered.len());
    app.restart();
    let nobody = app.anonymous();
    for book in answered {
        let path = book["links"]["self"].as_str().unwrap();
        assert_eq!(nobody.get(path).expect(200).data(), book);
    }
    if !on_postgres() {
        assert_eq!(app.integrity(), "ok");
    }
}
