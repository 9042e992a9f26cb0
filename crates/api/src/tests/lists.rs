//! Pages, cursors and their links.

use bookshelf_domain::books::{BookId, BookQuery, BookSort};
use bookshelf_domain::{Listing, Order, Position, SortKey, Start, Total};

use super::support::{Answer, Setup, book, get};

/// Lists a catalogue of 93 books, which checks the query that it gets.
async fn list(query: &str, check: impl Fn(&BookQuery) + Send + 'static) -> Answer {
    let setup = Setup::reader(|reader| {
        reader.expect_list().returning(move |query| {
            check(&query);
            let start = match query.start {
                Start::Offset(offset) => offset,
                Start::After(_) => 40,
            };
            let ids = (start + 1..=93).take(query.limit as usize);
            Ok(Listing {
                items: ids.map(|id| book(id as i64)).collect(),
                has_next: start + u64::from(query.limit) < 93,
                total: query.count.then_some(Total { items: 93, exact: true }),
            })
        });
    });
    setup.call(get(&format!("/api/v1/books{query}"))).await
}

#[actix_web::test]
async fn a_page_has_its_number_and_links_to_its_neighbours() {
    let answer = list("?page=2&genre=Sci%26Fi", |query| {
        assert_eq!((query.start.clone(), query.limit, query.count), (Start::Offset(20), 20, true));
        assert_eq!((query.sort, query.order), (BookSort::CreatedAt, Order::Descending));
        assert_eq!(query.filter.genre.as_ref().unwrap().as_str(), "sci&fi");
    })
    .await;
    let body = answer.json();
    assert_eq!(body["data"].as_array().unwrap().len(), 20);
    let pagination = &body["pagination"];
    assert_eq!(pagination["page"], 2);
    assert_eq!(pagination["per_page"], 20);
    assert_eq!(pagination["total_items"], 93);
    assert_eq!(pagination["total_pages"], 5);
    assert_eq!(pagination["total_is_exact"], true);
    assert_eq!(pagination["has_next"], true);
    assert_eq!(pagination["has_prev"], true);
    assert!(pagination["next_cursor"].is_string());
    let links = &body["links"];
    let link = |page: u32| format!("/api/v1/books?genre=Sci%26Fi&page={page}");
    for (name, page) in [("self", 2), ("first", 1), ("prev", 1), ("next", 3), ("last", 5)] {
        assert_eq!(links[name], link(page), "{name}");
        let relation = format!("<{}>; rel=\"{name}\"", link(page));
        assert!(answer.header("link").contains(&relation), "{}", answer.header("link"));
    }
    assert_eq!(answer.header("x-total-count"), "93");
    assert_eq!(answer.header("cache-control"), "public, no-cache");
}

#[actix_web::test]
async fn the_first_and_last_page_have_no_links_beyond() {
    let first = list("", |_| {}).await.json();
    assert_eq!(first["pagination"]["has_prev"], false);
    assert!(first["links"].get("prev").is_none());
    let last = list("?page=5", |_| {}).await.json();
    assert_eq!(last["pagination"]["has_next"], false);
    assert!(last["pagination"]["next_cursor"].is_null());
    assert!(last["links"].get("next").is_none());
    let beyond = list("?page=99999999999999999999", |_| {}).await.json();
    assert_eq!(beyond["data"].as_array().unwrap().len(), 0);
    assert_eq!(beyond["links"]["prev"], "/api/v1/books?page=5");
}

#[actix_web::test]
async fn a_page_has_at_most_a_hundred_items() {
    let answer = list("?per_page=1000&page=3", |query| {
        assert_eq!((query.limit, query.start.clone()), (100, Start::Offset(200)));
    })
    .await;
    assert_eq!(answer.json()["pagination"]["per_page"], 100);
}

#[actix_web::test]
async fn totals_can_be_omitted() {
    let answer = list("?count=none", |query| assert!(!query.count)).await;
    let body = answer.json();
    for name in ["total_items", "total_pages", "total_is_exact"] {
        assert!(body["pagination"].get(name).is_none(), "{name}");
    }
    assert!(body["links"].get("last").is_none());
    assert_eq!(body["links"]["next"], "/api/v1/books?count=none&page=2");
    assert_eq!(answer.header("x-total-count"), "");
}

#[actix_web::test]
async fn a_total_that_is_not_exact_has_no_last_page() {
    let setup = Setup::reader(|reader| {
        reader.expect_list().returning(|_| {
            let total = Some(Total { items: 10_000, exact: false });
            Ok(Listing { items: vec![book(1)], has_next: true, total })
        });
    });
    let body = setup.call(get("/api/v1/books?search=e")).await.json();
    assert_eq!(body["pagination"]["total_is_exact"], false);
    assert_eq!(body["pagination"]["total_items"], 10_000);
    assert!(body["links"].get("last").is_none());
}

#[actix_web::test]
async fn a_cursor_reads_on_from_where_its_page_ended() {
    let first = list("?sort=title&genre=Drama", |_| {}).await.json();
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    let query = format!("?genre=Drama&order=asc&sort=title&per_page=7&cursor={cursor}");
    let answer = list(&query, |query| {
        let key = SortKey::collated("Clean Code");
        assert_eq!(query.start, Start::After(Position { key, id: BookId::new(20) }));
        assert_eq!((query.limit, query.count), (7, false));
    })
    .await;
    let body = answer.json();
    let mut names: Vec<_> = body["pagination"].as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["has_next", "next_cursor", "per_page"]);
    let next = body["pagination"]["next_cursor"].as_str().unwrap();
    let link = format!("/api/v1/books?genre=Drama&order=asc&sort=title&per_page=7&cursor={next}");
    assert_eq!(body["links"]["next"], link);
    assert_eq!(answer.header("x-total-count"), "");
}

#[actix_web::test]
async fn a_cursor_of_another_query_is_refused() {
    let first = list("?genre=Drama", |_| {}).await.json();
    let cursor = first["pagination"]["next_cursor"].as_str().unwrap();
    for query in ["?", "?genre=Epic&", "?genre=Drama&sort=title&", "?genre=Drama&order=asc&"] {
        let uri = format!("/api/v1/books{query}cursor={cursor}");
        Setup::new().call(get(&uri)).await.error(400, "malformed_cursor");
    }
    let uri = format!("/api/v1/books?genre=Drama&page=2&cursor={cursor}");
    assert_eq!(Setup::new().call(get(&uri)).await.faults(), ["page"]);
}

#[actix_web::test]
async fn all_faults_of_a_query_are_named_at_once() {
    let query = "?page=0&per_page=-1&sort=colour&order=up&year=x&isbn=12&colour=red&count=all\
                 &title=a&title=b&author=%00";
    let answer = Setup::new().call(get(&format!("/api/v1/books{query}"))).await;
    let all =
        ["author", "colour", "count", "isbn", "order", "page", "per_page", "sort", "title", "year"];
    assert_eq!(answer.faults(), all);
}

#[actix_web::test]
async fn undecodable_text_is_malformed() {
    for query in ["?search=%zz", "?search=%ff", "?%e9=1"] {
        let answer = Setup::new().call(get(&format!("/api/v1/books{query}"))).await;
        answer.error(400, "malformed_query");
    }
}

#[actix_web::test]
async fn years_that_no_book_can_have_are_capped() {
    list("?year_from=-99999999999&year_to=99999999999", |query| {
        assert_eq!(query.filter.year_from, Some(i32::MIN));
        assert_eq!(query.filter.year_to, Some(i32::MAX));
    })
    .await;
}
