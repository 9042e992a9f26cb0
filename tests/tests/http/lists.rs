//! Pages of the catalogue.

use bookshelf_tests::app::{Answer, App, Client};
use serde_json::{Value, json};

fn add(client: &Client, title: &str, author: &str) {
    client.post("/api/v1/books", json!({"title": title, "author": author})).expect(201);
}

fn titles(answer: &Answer) -> Vec<String> {
    let books = answer.data();
    let books = books.as_array().unwrap().iter();
    books.map(|book| book["title"].as_str().unwrap().to_owned()).collect()
}

/// A server with the books a to l.
fn twelve() -> (App, Client) {
    let app = App::start();
    let ann = app.user("ann");
    for title in "abcdefghijkl".chars() {
        add(&ann, &title.to_string(), "Somebody");
    }
    let nobody = app.anonymous();
    (app, nobody)
}

#[test]
fn a_page_knows_its_place() {
    let (_app, nobody) = twelve();
    let answer = nobody.get("/api/v1/books?sort=title&order=asc&per_page=5&page=2").expect(200);
    assert_eq!(titles(&answer), ["f", "g", "h", "i", "j"]);
    let body = answer.json();
    let pagination = &body["pagination"];
    for (member, value) in [
        ("page", json!(2)),
        ("per_page", json!(5)),
        ("total_items", json!(12)),
        ("total_pages", json!(3)),
        ("total_is_exact", json!(true)),
        ("has_next", json!(true)),
        ("has_prev", json!(true)),
    ] {
        assert_eq!(pagination[member], value, "{member}");
    }
    assert!(pagination["next_cursor"].is_string());
    assert_eq!(answer.header("x-total-count"), "12");
    for (name, first) in
        [("self", "f"), ("first", "a"), ("prev", "a"), ("next", "k"), ("last", "k")]
    {
        let link = body["links"][name].as_str().unwrap();
        assert_eq!(titles(&nobody.get(link))[0], first, "{name}");
        if name != "self" {
            let rel = format!("<{link}>; rel=\"{name}\"");
            assert!(answer.header("link").contains(&rel), "{}", answer.header("link"));
        }
    }
}

#[test]
fn a_search_ignores_accents_and_the_order_of_words() {
    let app = App::start();
    let ann = app.user("ann");
    for (title, author) in [
        ("İzmir Yolu", "A B"),
        ("Germinal", "Émile Zola"),
        ("Ender’s Plays", "A B"),
        ("Gideon the Ninth", "Tamsyn Muir"),
    ] {
        add(&ann, title, author);
    }
    for (search, title) in [
        ("izmir", "İzmir Yolu"),
        ("%C4%B0ZM%C4%B0R", "İzmir Yolu"),
        ("IZMIR", "İzmir Yolu"),
        ("%C4%B1zm%C4%B1r", "İzmir Yolu"),
        ("zola+emile", "Germinal"),
        ("ender's", "Ender’s Plays"),
        ("muir+gideon", "Gideon the Ninth"),
    ] {
        let answer = ann.get(&format!("/api/v1/books?search={search}")).expect(200);
        assert_eq!(titles(&answer), [title], "{search}");
    }
}

#[test]
fn titles_are_in_the_order_of_the_unicode_collation_algorithm() {
    let app = App::start();
    let ann = app.user("ann");
    let sorted = ["Apple", "Éclair", "Über", "Zebra", "zèle"];
    for title in ["zèle", "Über", "Apple", "Zebra", "Éclair"] {
        add(&ann, title, "Somebody");
    }
    let answer = ann.get("/api/v1/books?sort=title").expect(200);
    assert_eq!(titles(&answer), sorted);
    let mut read = Vec::new();
    let mut link = "/api/v1/books?sort=title&per_page=1&count=none".to_owned();
    loop {
        let answer = ann.get(&link).expect(200);
        read.extend(titles(&answer));
        let body = answer.json();
        let Some(cursor) = body["pagination"]["next_cursor"].as_str() else { break };
        link = format!("/api/v1/books?sort=title&per_page=1&cursor={cursor}");
    }
    assert_eq!(read, sorted);
}

#[test]
fn pages_have_a_beginning_and_an_end() {
    let (_app, nobody) = twelve();
    let first = nobody.get("/api/v1/books?per_page=12").json();
    assert_eq!(
        (&first["pagination"]["has_next"], &first["pagination"]["has_prev"]),
        (&json!(false), &json!(false))
    );
    assert!(first["links"].get("next").is_none_or(Value::is_null));
    assert!(first["links"].get("prev").is_none_or(Value::is_null));
    let beyond = nobody.get("/api/v1/books?page=1000").expect(200);
    assert_eq!(
        (beyond.data(), &beyond.json()["pagination"]["has_next"]),
        (json!([]), &json!(false))
    );
    assert_eq!(beyond.header("x-total-count"), "12");
    nobody.get("/api/v1/books?page=9223372036854775807&per_page=100").expect(200);
    let default = nobody.get("/api/v1/books").json();
    assert_eq!(default["pagination"]["per_page"], 20);
    assert_eq!(default["data"][0]["title"], "l", "the newest is first");
    let most = nobody.get("/api/v1/books?per_page=101").expect(200).json();
    assert_eq!(most["pagination"]["per_page"], 100);
}

#[test]
fn a_cursor_reads_on_while_others_write() {
    let (app, nobody) = twelve();
    let ann = app.login("ann@example.com");
    let mut path = "/api/v1/books?sort=title&order=asc&per_page=5".to_owned();
    let mut seen = titles(&nobody.get(&path));
    let mut cursor = nobody.get(&path).json()["pagination"]["next_cursor"].clone();
    path.push_str("&cursor=");
    while let Some(text) = cursor.as_str() {
        add(&ann, "aa", "In between");
        let answer = nobody.get(&format!("{path}{text}")).expect(200);
        seen.extend(titles(&answer));
        let pagination = answer.json()["pagination"].clone();
        for member in ["page", "total_items", "total_pages"] {
            assert!(pagination.get(member).is_none_or(Value::is_null), "{pagination}");
        }
        assert_eq!(pagination["has_next"], pagination["next_cursor"].is_string());
        cursor = pagination["next_cursor"].clone();
    }
    assert_eq!(seen.join(""), "abcdefghijkl");
}

#[test]
fn a_cursor_belongs_to_its_query() {
    let (_app, nobody) = twelve();
    let query = "/api/v1/books?sort=title&order=asc&per_page=5&author=some";
    let cursor = nobody.get(query).json()["pagination"]["next_cursor"].clone();
    let cursor = cursor.as_str().unwrap();
    nobody.get(&format!("{query}&cursor={cursor}")).expect(200);
    nobody.get(&format!("{query}&cursor={cursor}").replace("per_page=5", "per_page=3")).expect(200);
    for other in [
        "sort=title&order=desc&author=some",
        "sort=author&order=asc&author=some",
        "sort=title&order=asc&author=body",
        "sort=title&order=asc",
    ] {
        let answer = nobody.get(&format!("/api/v1/books?{other}&cursor={cursor}"));
        answer.error(400, "malformed_cursor");
    }
    for place in 0..cursor.len() {
        let mut changed = cursor.to_owned();
        let other = if &cursor[place..=place] == "A" { "B" } else { "A" };
        changed.replace_range(place..=place, other);
        nobody.get(&format!("{query}&cursor={changed}")).error(400, "malformed_cursor");
    }
    for odd in ["x", "%20", "!!!", &"A".repeat(4000), &cursor[1..], &format!("{cursor}A")] {
        nobody.get(&format!("{query}&cursor={odd}")).error(400, "malformed_cursor");
    }
}

#[test]
fn totals_may_be_left_out() {
    let (_app, nobody) = twelve();
    let answer = nobody.get("/api/v1/books?per_page=5&count=none").expect(200);
    let pagination = answer.json()["pagination"].clone();
    assert!(pagination.get("total_items").is_none_or(Value::is_null), "{pagination}");
    assert_eq!((&pagination["page"], &pagination["has_next"]), (&json!(1), &json!(true)));
    assert_eq!(answer.header("x-total-count"), "");
}

#[test]
fn links_keep_every_filter() {
    let app = App::start();
    let (ann, nobody) = (app.user("ann"), app.anonymous());
    for number in 0..3 {
        add(&ann, &format!("100% & more? #{number} Ж"), "A+B = C");
    }
    let query = "/api/v1/books?title=100%25%20%26%20more%3F%20%23&author=a%2Bb%20%3D&search=%D0%B6\
                 &per_page=1&sort=title&order=asc";
    let mut answer = nobody.get(query).expect(200);
    let mut seen = titles(&answer);
    while let Some(next) = answer.json()["links"]["next"].as_str() {
        answer = nobody.get(next).expect(200);
        seen.extend(titles(&answer));
    }
    assert_eq!(seen.len(), 3);
    assert_eq!(answer.json()["pagination"]["total_items"], 3);
}

#[test]
fn filters_find_what_they_say() {
    let app = App::start();
    let (ann, nobody) = (app.user("ann"), app.anonymous());
    let books = [
        ("Germinal", "Émile Zola", "Novel", 1885),
        ("Анна Каренина", "Лев Толстой", "Роман", 1878),
        ("ألف ليلة وليلة", "مجهول", "Tales", 900),
        ("The Iliad", "Homer", "Epic", -750),
        ("100%", "Under_score", "Odd*", 2000),
    ];
    for (title, author, genre, year) in books {
        let book = json!({"title": title, "author": author, "genre": genre, "year": year});
        ann.post("/api/v1/books", book).expect(201);
    }
    let find = |query: &str| {
        titles(&nobody.get(&format!("/api/v1/books?sort=year&order=asc&{query}")).expect(200))
    };
    for (query, expected) in [
        ("author=%C3%89MILE", vec!["Germinal"]),
        ("search=%D0%9B%D0%95%D0%92", vec!["Анна Каренина"]),
        ("title=%D9%84%D9%8A%D9%84%D8%A9", vec!["ألف ليلة وليلة"]),
        ("search=il", vec!["The Iliad", "Germinal"]),
        ("title=%25", vec!["100%"]),
        ("author=_", vec!["100%"]),
        ("genre=odd*", vec!["100%"]),
        ("genre=%D0%A0%D0%9E%D0%9C%D0%90%D0%9D", vec!["Анна Каренина"]),
        ("genre=nov", vec![]),
        ("year=-750", vec!["The Iliad"]),
        ("year_from=900&year_to=1878", vec!["ألف ليلة وليلة", "Анна Каренина"]),
        ("year_to=0", vec!["The Iliad"]),
        ("", vec!["The Iliad", "ألف ليلة وليلة", "Анна Каренина", "Germinal", "100%"]),
    ] {
        assert_eq!(find(query), expected, "{query}");
    }
}

#[test]
fn a_parameter_that_the_route_does_not_know_is_refused_before_anything_happens() {
    let app = App::start();
    let (ann, admin, nobody) = (app.user("ann"), app.admin(), app.anonymous());
    let book = ann.post("/api/v1/books", json!({"title": "A", "author": "B"})).expect(201);
    let book = book.header("location").to_owned();
    for path in [&book, "/api/v1", "/api/books/isbn/9780132350884/", "/api/v1/auth/me"] {
        assert_eq!(ann.get(&format!("{path}?x=1&y&x=2")).faults(), ["x", "y"], "{path}");
    }
    let error = nobody.get(&format!("{book}?title=A")).error(422, "validation_failed");
    let known = "is not a known parameter; there are none here";
    assert_eq!(error["details"]["title"], json!([known]));
    nobody.get(&format!("{book}?x=%zz")).error(400, "malformed_query");
    nobody.get(&format!("{book}?")).expect(200);
    nobody.get("/health?x=1").expect(200);

    let login = json!({"email": "ann@example.com", "password": "correct horse battery"});
    let answer = nobody.post("/api/v1/auth/login?password=x", login);
    assert_eq!(answer.faults(), ["password"]);
    let registration = json!({"email": "bob@example.com", "password": "correct horse battery"});
    assert_eq!(nobody.post("/api/v1/auth/register?x", registration).faults(), ["x"]);
    assert_eq!(ann.post("/api/v1/auth/logout-all?x=1", json!({})).faults(), ["x"]);
    assert_eq!(ann.patch(&format!("{book}?force=true"), json!({"year": 7})).faults(), ["force"]);
    assert_eq!(admin.delete(&format!("{book}/cover?size=thumb")).faults(), ["size"]);
    assert!(ann.get(&book).expect(200).data()["year"].is_null());
    assert_eq!(admin.get("/api/v1/users?search=bob").json()["pagination"]["total_items"], 0);
    // Who has no credentials learns nothing else.
    nobody.get("/api/v1/auth/me?x=1").error(401, "token_missing");
}
