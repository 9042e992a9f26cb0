use bookshelf_domain::StoreError;

use super::support::{As, Setup, book, get};

fn failing(after: i64) -> Setup {
    Setup::books(|books| {
        books.expect_read_after().returning(move |id, _| match id.get() {
            id if id < after => Ok(vec![book(id + 1)]),
            _ => Err(StoreError::Unavailable("secret of the inside".into())),
        });
    })
}

#[actix_web::test]
async fn an_export_that_cannot_begin_is_an_error_as_every_other() {
    let answer = failing(0).call(get("/api/v1/books/export").bearing("user")).await;
    answer.error(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "1");
}

#[actix_web::test]
async fn an_export_that_breaks_off_does_not_end_well() {
    let setup = failing(2);
    let error = setup.body_of(get("/api/v1/books/export").bearing("user")).await.unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[actix_web::test]
async fn the_head_of_an_export_does_without_the_rest_of_it() {
    // The second piece would be an error.
    let setup = failing(1);
    let head = get("/api/v1/books/export").method(actix_web::http::Method::HEAD).bearing("user");
    let answer = setup.call(head).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
}
