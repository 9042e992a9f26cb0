use std::time::Duration;

use bookshelf_client::{Client, Error, Reason};
use bookshelf_tests::app::App;

use super::lossy::Lossy;
use super::{PASSWORD, client, requests, user};

const REFRESH: &str = "/api/v1/auth/refresh";
const TASKS: usize = 20;

/// Lets twenty tasks read the own account at the same time.
async fn twenty(client: &Client) -> Vec<Result<i64, Error>> {
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { Ok(client.auth().me().await?.value.id) })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tasks_with_an_expired_token_cause_one_refresh() {
    // Tests may take long, so the new token lives longer than all of them.
    let mut app = App::with(&[("BOOKSHELF_ACCESS_TOKEN_TTL", "1s")]);
    let ann = user(&app, "ann").await;
    let old = ann.tokens().unwrap();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    app.restart_with(&[("BOOKSHELF_ACCESS_TOKEN_TTL", "15m")]);
    // The client does not know when stored tokens expire, so the server tells all tasks.
    let ann = Client::builder(&app.url()).tokens(old.clone()).build().unwrap();
    for result in twenty(&ann).await {
        result.unwrap();
    }
    assert_eq!(requests(&app, REFRESH), 1);
    assert_ne!(ann.tokens().unwrap(), old);
    for result in twenty(&ann).await {
        result.unwrap();
    }
    assert_eq!(requests(&app, REFRESH), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_before_it_expires() {
    let app = App::with(&[("BOOKSHELF_ACCESS_TOKEN_TTL", "30s")]);
    let ann = user(&app, "ann").await;
    ann.auth().me().await.unwrap();
    assert_eq!(requests(&app, REFRESH), 0);
    // Half of its life, because that is later than 20 seconds before its end.
    tokio::time::sleep(Duration::from_secs(15)).await;
    for result in twenty(&ann).await {
        result.unwrap();
    }
    assert_eq!(requests(&app, REFRESH), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_the_server_ended_is_named_and_not_asked_for_again() {
    let app = App::start();
    let ann = user(&app, "ann").await;
    let other = client(&app);
    other.auth().login("ann@example.com", PASSWORD).await.unwrap();
    assert_eq!(other.auth().sessions().await.unwrap().len(), 2);
    other.auth().logout_all().await.unwrap();
    assert_eq!(other.tokens(), None);
    for result in twenty(&ann).await {
        assert!(matches!(result, Err(Error::SessionEnded(Reason::TokenRevoked))), "{result:?}");
    }
    assert_eq!(requests(&app, REFRESH), 1);
    assert_eq!(ann.tokens(), None);
    ann.auth().login("ann@example.com", PASSWORD).await.unwrap();
    ann.auth().me().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_call_loses_no_tokens() {
    let app = App::with(&[("BOOKSHELF_REFRESH_REUSE_GRACE", "0")]);
    let ann = user(&app, "ann").await;
    for _ in 0..20 {
        let renewing = ann.clone();
        let call = tokio::spawn(async move { renewing.auth().refresh().await });
        tokio::time::sleep(Duration::from_millis(1)).await;
        call.abort();
        ann.auth().me().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_ends_no_session() {
    let app = App::start();
    let tokens = user(&app, "ann").await.tokens().unwrap();
    let proxy = Lossy::new(&app.url(), 1);
    let ann = Client::builder(&proxy.url).tokens(tokens).build().unwrap();
    ann.auth().refresh().await.unwrap();
    assert_eq!((proxy.lost(), requests(&app, REFRESH)), (1, 2));
    ann.auth().me().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_ends_the_session() {
    let app = App::start();
    let ann = user(&app, "ann").await;
    let stolen = Client::builder(&app.url()).tokens(ann.tokens().unwrap()).build().unwrap();
    ann.auth().logout().await.unwrap();
    assert_eq!(ann.auth().me().await.unwrap_err().reason(), Some(&Reason::TokenMissing));
    let error = stolen.auth().me().await.unwrap_err();
    assert!(matches!(error, Error::SessionEnded(_)), "{error}");
    stolen.auth().logout().await.unwrap();

    let ann = client(&app);
    ann.auth().login("ann@example.com", PASSWORD).await.unwrap();
    let id = ann.auth().sessions().await.unwrap().iter().find(|each| each.current).unwrap().id;
    ann.auth().end_session(id).await.unwrap();
    assert!(matches!(ann.auth().me().await, Err(Error::SessionEnded(Reason::TokenRevoked))));
}
