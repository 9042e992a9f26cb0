use std::sync::Arc;

use bookshelf_domain::accounts::{Rotated, RotationError, SessionRepository};
use chrono::TimeDelta;

use super::{SOON, Store};

#[tokio::test]
async fn a_rotation_spends_the_token_and_prolongs_the_session() {
    let store = Store::new();
    let ann = store.user("ann@example.com").await;
    let session = store.session(&ann, 1).await;
    let Rotated::Fresh(fresh) = store.rotate(1, 2, SOON).await.unwrap() else { panic!("spent") };
    assert_eq!(fresh.user, ann);
    assert_eq!(fresh.session.last_used_at, store.now + SOON);
    assert_eq!(fresh.session.idle_until, store.now + SOON + TimeDelta::days(14));
    let found = store.sessions.find(session.id).await.unwrap();
    assert_eq!(found, Some(fresh));
}

#[tokio::test]
async fn the_token_spent_last_gets_its_successor_again_within_the_grace() {
    let store = Store::new();
    let ann = store.user("ann@example.com").await;
    let session = store.session(&ann, 1).await;
    // Even where all is spent in the same microsecond.
    store.rotate(1, 2, SOON).await.unwrap();
    store.rotate(2, 3, SOON).await.unwrap();
    let last_moment = SOON + TimeDelta::seconds(10) - TimeDelta::microseconds(1);
    for after in [SOON, last_moment] {
        let again = store.rotate(2, 99, after).await.unwrap();
        let expected = store.sessions.find(session.id).await.unwrap().unwrap();
        assert_eq!(again, Rotated::Again { salt: [3; 16], session: expected });
    }
    let reused = store.rotate(1, 99, SOON).await;
    assert!(
        matches!(reused, Err(RotationError::Reused { session: s, user }) if s == session.id && user == ann.id)
    );
    for token in [1, 2, 3] {
        assert!(matches!(store.rotate(token, 99, SOON).await, Err(RotationError::Ended)));
    }
    let ended = store.sessions.find(session.id).await.unwrap().unwrap();
    assert_eq!(ended.session.ended_at, Some(store.now + SOON));
}

#[tokio::test]
async fn after_the_grace_or_once_the_successor_is_spent_it_is_reuse() {
    let store = Store::new();
    let ann = store.user("ann@example.com").await;
    store.session(&ann, 1).await;
    store.rotate(1, 2, SOON).await.unwrap();
    let late = store.rotate(1, 99, SOON + TimeDelta::seconds(10)).await;
    assert!(matches!(late, Err(RotationError::Reused { .. })));
}

#[tokio::test]
async fn a_session_past_its_limits_has_expired() {
    let store = Store::new();
    let ann = store.user("ann@example.com").await;
    store.session(&ann, 1).await;
    let late = store.rotate(1, 2, TimeDelta::days(14)).await;
    assert!(matches!(late, Err(RotationError::Expired)));
    assert!(matches!(store.rotate(7, 8, SOON).await, Err(RotationError::Unknown)));
}

#[tokio::test]
async fn of_many_rotations_at_once_one_is_fresh() {
    let store = Arc::new(Store::new());
    let ann = store.user("ann@example.com").await;
    store.session(&ann, 1).await;
    let tasks: Vec<_> = (10..30)
        .map(|successor| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.rotate(1, successor, SOON).await.unwrap() })
        })
        .collect();
    let mut salts = Vec::new();
    for task in tasks {
        if let Rotated::Again { salt, .. } = task.await.unwrap() {
            salts.push(salt);
        }
    }
    assert_eq!(salts.len(), 19);
    assert!(salts.iter().all(|salt| *salt == salts[0]));
}

#[tokio::test]
async fn sessions_are_listed_ended_and_purged() {
    let store = Store::new();
    let (ann, bob) = (store.user("ann@example.com").await, store.user("bob@example.com").await);
    let first = store.session(&ann, 1).await;
    let second = store.session(&ann, 2).await;
    let bobs = store.session(&bob, 3).await;
    let at = store.now + SOON;
    store.rotate(1, 11, SOON).await.unwrap();
    let live = store.sessions.list_live(ann.id, at).await.unwrap();
    assert_eq!(live.iter().map(|session| session.id).collect::<Vec<_>>(), [first.id, second.id]);

    assert!(!store.sessions.end(bob.id, first.id, at).await.unwrap());
    assert!(store.sessions.end(ann.id, first.id, at).await.unwrap());
    assert!(!store.sessions.end(ann.id, first.id, at).await.unwrap());
    assert!(matches!(store.rotate(11, 12, SOON).await, Err(RotationError::Ended)));
    assert_eq!(store.sessions.end_all(ann.id, at).await.unwrap(), 1);
    assert_eq!(store.sessions.list_live(ann.id, at).await.unwrap(), []);

    assert_eq!(store.sessions.purge(at, 10).await.unwrap(), 0);
    let later = at + SOON;
    assert_eq!(store.sessions.purge(later, 1).await.unwrap(), 1);
    assert_eq!(store.sessions.purge(later, 10).await.unwrap(), 1);
    assert!(matches!(store.rotate(11, 12, SOON).await, Err(RotationError::Unknown)));
    assert!(store.sessions.find(bobs.id).await.unwrap().is_some());
    let idle = store.now + TimeDelta::days(15);
    assert_eq!(store.sessions.purge(idle, 10).await.unwrap(), 1);
}
