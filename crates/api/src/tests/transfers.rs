use bookshelf_domain::StoreError;

use super::support::{RequestExt, Setup, book, get};

fn failing(after: i64) -> Setup {
    Setup::books(|books| {
        books.expect_read_after().returning(move |id, _| match id.get() {
            id if id < after => Ok(vec![book(id + 1)]),
            _ => Err(StoreError::Unavailable("internal secret".into())),
        });
    })
}

#[actix_web::test]
async fn an_export_that_cannot_begin_is_an_ordinary_error() {
    let answer = failing(0).call(get("/api/v1/books/export").bearing("user")).await;
    answer.error(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "1");
}

#[actix_web::test]
async fn an_export_that_fails_later_ends_with_an_error() {
    let setup = failing(2);
    let error = setup.body_of(get("/api/v1/books/export").bearing("user")).await.unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[actix_web::test]
async fn head_of_an_export_reads_only_the_first_piece() {
    // The second piece would be an error.
    let setup = failing(1);
    let head = get("/api/v1/books/export").method(actix_web::http::Method::HEAD).bearing("user");
    let answer = setup.call(head).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
}
