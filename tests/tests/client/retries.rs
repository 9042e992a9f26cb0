use std::time::{Duration, Instant};

use bookshelf_client::{BookPatch, BookQuery, Client, Error, Reason, Retry};
use bookshelf_tests::Link;
use bookshelf_tests::app::App;

use super::lossy::Lossy;
use super::{admin, book, client, requests, user};

/// A client that goes on with this session by another address.
fn by_way_of(url: &str, client: &Client) -> Client {
    Client::builder(url).tokens(client.tokens().unwrap()).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_whose_answer_is_lost_creates_nothing_twice() {
    let app = App::start();
    let ann = user(&app, "ann").await;
    let proxy = Lossy::new(&app.url(), 2);
    let made = by_way_of(&proxy.url, &ann).books().create(&book("Emma")).await.unwrap();
    assert_eq!((proxy.lost(), requests(&app, "/api/v1/books")), (2, 3));
    let page = ann.books().list(&BookQuery::default()).await.unwrap();
    assert_eq!(page.items, [made.value]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_whose_answer_is_lost_succeeds() {
    let app = App::start();
    let admin = admin(&app).await;
    let made = admin.books().create(&book("Emma")).await.unwrap();
    let proxy = Lossy::new(&app.url(), 1);
    let lossy = by_way_of(&proxy.url, &admin);
    lossy.books().delete(made.value.id, false, None).await.unwrap();
    assert_eq!(proxy.lost(), 1);
    let error = lossy.books().delete(made.value.id, false, None).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::NotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conditional_change_whose_answer_is_lost_is_not_sent_again() {
    let app = App::start();
    let ann = user(&app, "ann").await;
    let made = ann.books().create(&book("Emma")).await.unwrap();
    let proxy = Lossy::new(&app.url(), 1);
    let patch = BookPatch { year: 1815.into(), ..BookPatch::default() };
    let lossy = by_way_of(&proxy.url, &ann);
    let error = lossy.books().patch(made.value.id, &patch, made.etag.as_deref()).await;
    assert!(matches!(error, Err(Error::Connection(_))), "{error:?}");
    assert_eq!(ann.books().get(made.value.id).await.unwrap().value.year, Some(1815));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_cut_is_waited_for() {
    let app = App::start();
    let ann = user(&app, "ann").await;
    let link = Link::to(&app.url());
    let linked = by_way_of(link.url(), &ann);
    linked.auth().me().await.unwrap();
    link.cut();
    let creating = tokio::spawn(async move { linked.books().create(&book("Emma")).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    link.mend();
    creating.await.unwrap().unwrap();
    let page = ann.books().list(&BookQuery::default()).await.unwrap();
    assert_eq!(page.items.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_bounded() {
    let app = App::start();
    let link = Link::to(&app.url());
    link.cut();
    let retry = Retry { attempts: 2, ..Retry::default() };
    let client = Client::builder(link.url()).retry(retry).build().unwrap();
    let error = client.health().await.unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error}");
    assert!(error.to_string().starts_with("the server cannot be reached: "), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_too_fast_waits() {
    let app = App::with(&[("BOOKSHELF_RATE_LIMIT_READ", "2/second")]);
    let client = client(&app);
    let started = Instant::now();
    for _ in 0..5 {
        client.books().list(&BookQuery::default()).await.unwrap();
    }
    let refused = app.log().lines().filter(|line| line.contains("\"status\":429")).count();
    assert!(refused >= 1 || started.elapsed() > Duration::from_secs(2), "{}", app.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_too_long_is_an_error() {
    let app = App::with(&[("BOOKSHELF_RATE_LIMIT_READ", "1/hour")]);
    let client = client(&app);
    client.books().list(&BookQuery::default()).await.unwrap();
    let Err(Error::Api(error)) = client.books().list(&BookQuery::default()).await else { panic!() };
    assert_eq!((error.status, &error.reason), (429, &Reason::RateLimited));
    assert!(error.retry_after.unwrap() > Duration::from_secs(60), "{error:?}");
}
