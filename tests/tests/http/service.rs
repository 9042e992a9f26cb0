use bookshelf_tests::app::App;

#[test]
fn health_needs_no_envelope_and_no_account() {
    let app = App::start();
    for path in ["/health", "/api/health"] {
        let answer = app.anonymous().get(path).expect(200);
        let body = answer.json();
        assert_eq!((&body["status"], &body["service"]), (&"healthy".into(), &"bookshelf".into()));
        assert!(body["version"].is_string());
    }
    app.anonymous().get("/health/ready").expect(200);
}

#[test]
fn actors() {
    let app = App::start();
    println!("{}", app.user("ann").get("/api/v1/auth/me").text());
    println!("{}", app.admin().get("/api/v1/auth/me").text());
    println!("{}", app.log());
}
