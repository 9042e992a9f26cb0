//! Passwords of many requests at once.

use std::thread;
use std::time::{Duration, Instant};

use bookshelf_tests::app::{Answer, App};
use serde_json::json;

/// A server on which hashing takes so long that requests wait for it, even if this process gets
/// little of the processors' time meanwhile.
fn slow_app(cost: &str) -> App {
    App::with(&[("BOOKSHELF_BCRYPT_COST", cost), ("BOOKSHELF_TRUSTED_PROXIES", "127.0.0.0/8")])
}

fn log_in(app: &App, password: &str, from: &str) -> Answer {
    let credentials = json!({"email": "ann@example.com", "password": password});
    let request = app.anonymous().request("POST", "/api/v1/auth/login").json(&credentials);
    request.header("x-forwarded-for", from).send()
}

#[test]
fn passwords_of_one_network_leave_the_others_served() {
    let app = slow_app("10");
    app.user("ann");
    thread::scope(|scope| {
        // From networks of 64 bits in one of 56 bits.
        let flood: Vec<_> = (0..80)
            .map(|number| {
                let (app, from) = (&app, format!("2001:db8:0:{number:x}::1"));
                scope.spawn(move || log_in(app, "wrong", &from).status)
            })
            .collect();
        // Some are refused once the others wait.
        let patience = Instant::now() + Duration::from_secs(60);
        while !flood.iter().any(|request| request.is_finished()) {
            assert!(Instant::now() < patience, "nobody is answered");
        }
        log_in(&app, "correct horse battery", "2001:db8:0:100::1").expect(200);
        let waiting = flood.iter().filter(|request| !request.is_finished()).count();
        assert!(waiting > 0, "the other address has waited for all of them");
        let statuses: Vec<_> = flood.into_iter().map(|request| request.join().unwrap()).collect();
        assert!(statuses.contains(&429), "{statuses:?}");
        assert!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
    });
}

#[test]
fn a_password_that_nobody_waits_for_is_not_hashed() {
    let app = slow_app("13");
    let body = json!({"email": "ann@example.com", "password": "wrong"}).to_string();
    let length = body.len();
    let wires: Vec<_> = (0..20)
        .map(|_| {
            let mut wire = app.connect();
            wire.send(format!(
                "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                 content-length: {length}\r\n\r\n{body}"
            ));
            wire
        })
        .collect();
    app.log_until("login_failed");
    drop(wires);
    // This one comes after them.
    log_in(&app, "wrong", "127.0.0.1").error(401, "invalid_credentials");
    let hashed = app.log().matches("login_failed").count();
    assert!(hashed < 20, "{hashed}");
}
