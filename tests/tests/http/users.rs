//! Users as admins see them, from outside.

use std::thread;

use bookshelf_tests::app::App;
use serde_json::json;

#[test]
fn admins_find_change_and_delete_users() {
    let app = App::start();
    let (admin, ann) = (app.admin(), app.user("ann"));
    app.user("bob");
    let found = admin.get("/api/v1/users?search=ANN&role=user").expect(200);
    assert_eq!(found.data().as_array().unwrap().len(), 1);
    assert_eq!(found.header("cache-control"), "no-store");
    let address = found.data()[0]["links"]["self"].as_str().unwrap().to_owned();

    let shown = admin.get(&address).expect(200);
    assert!(!shown.text().contains("$2b$"), "no hash leaves the server");
    let tag = shown.header("etag").to_owned();
    let promote = || admin.request("PATCH", &address).header("if-match", &tag);
    promote().json(&json!({"role": "admin"})).send().expect(200);
    promote().json(&json!({"role": "user"})).send().error(412, "precondition_failed");

    ann.get("/api/v1/auth/me").error(401, "token_revoked");
    app.login("ann@example.com").get("/api/v1/users").expect(200);
    admin.delete(&address).expect(204);
    admin.get(&address).error(404, "not_found");
}

#[test]
fn an_admin_makes_users_of_either_role() {
    let app = App::start();
    let admin = app.admin();
    let wish = |name: &str, role: &str| {
        json!({"email": format!("{name}@example.com"), "password": "correct horse battery",
               "role": role})
    };
    let made = admin.post("/api/v1/users", wish("eve", "admin")).expect(201);
    assert_eq!(made.data()["role"], "admin");
    assert_eq!(made.header("location"), made.data()["links"]["self"].as_str().unwrap());
    let error = admin.post("/api/v1/users", wish("ann", "king")).error(422, "validation_failed");
    assert!(error["details"]["role"].is_array());
    let eve = made.header("location");
    let error = admin.post("/api/v1/users", wish("EVE", "user")).error(409, "email_taken");
    assert_eq!(error["resource"], eve);
    admin.patch(eve, json!({"username": "eve"})).expect(200);
    let mut other = wish("bob", "user");
    other["username"] = json!("EVE");
    let error = admin.post("/api/v1/users", other.clone()).error(409, "username_taken");
    assert_eq!(error["resource"], eve);
    other["username"] = json!(null);
    let bob = admin.post("/api/v1/users", other).expect(201);
    let error = admin.patch(bob.header("location"), json!({"username": "Eve"}));
    assert_eq!(error.error(409, "username_taken")["resource"], eve);
}

#[test]
fn of_two_admins_that_demote_each_other_one_stays() {
    let app = App::start();
    let pair = ["a", "b"].map(|name| app.admin_called(name));
    let ids: Vec<_> = pair.iter().map(|admin| admin.login().user["id"].to_string()).collect();
    let statuses: Vec<_> = thread::scope(|scope| {
        let demote = |admin: usize, id: usize| {
            let (admin, address) = (&pair[admin], format!("/api/v1/users/{}", ids[id]));
            scope.spawn(move || admin.patch(&address, json!({"role": "user"})).status)
        };
        [demote(0, 1), demote(1, 0)].map(|answer| answer.join().unwrap()).to_vec()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");

    let last = pair.iter().find(|admin| admin.get("/api/v1/users").status == 200).unwrap();
    let left = last.get("/api/v1/users?role=admin").expect(200).data();
    assert_eq!(left.as_array().unwrap().len(), 1);
    let address = format!("/api/v1/users/{}", left[0]["id"]);
    for refused in [last.patch(&address, json!({"role": "user"})), last.delete(&address)] {
        assert_eq!(refused.error(409, "last_admin")["resource"], address);
    }
}
