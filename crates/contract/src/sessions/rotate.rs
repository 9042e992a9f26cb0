use bookshelf_domain::accounts::{NewSession, Rotated, Rotation, RotationError, SessionUser};
use chrono::TimeDelta;

use super::{found, login, open, rotate, rotation};
use crate::Store;
use crate::macros::{broken, ensure, ensure_eq};
use crate::sample::moment;
use crate::saw::Must;
use crate::users::add;

fn fresh(answer: Result<Rotated, RotationError>) -> SessionUser {
    match answer {
        Ok(Rotated::Fresh(session)) => session,
        other => broken!("{other:?}"),
    }
}

fn salt_again(answer: Result<Rotated, RotationError>) -> u8 {
    match answer {
        Ok(Rotated::Again { salt, .. }) => salt[0],
        other => broken!("{other:?}"),
    }
}

pub(super) async fn the_live_token_is_spent_and_its_successor_lives(store: Store) {
    let user = add(&store, "a@example.com").await;
    let before = open(&store, login(user.id, 1)).await;
    let answer = fresh(rotate(&store, rotation(1, 2, 100)).await);
    ensure_eq!(answer.user, user);
    let after = &answer.session;
    ensure_eq!((after.id, after.created_at), (before.id, before.created_at));
    ensure_eq!((after.last_used_at, after.idle_until), (moment(100), moment(1100)));
    ensure_eq!((after.expires_at, after.ended_at), (before.expires_at, None));
    ensure_eq!(found(&store, before.id).await, answer.session);
    for (shown, at) in [(2, 1000), (3, 1900), (4, 2800)] {
        fresh(rotate(&store, rotation(shown, shown + 1, at)).await);
    }
}

pub(super) async fn the_token_spent_last_gives_the_same_successor_within_the_grace(store: Store) {
    let user = add(&store, "a@example.com").await;
    let id = open(&store, login(user.id, 1)).await.id;
    let session = fresh(rotate(&store, rotation(1, 2, 100)).await);
    for at in [100, 105, 109] {
        let answer = rotate(&store, rotation(1, 9, at)).await;
        ensure_eq!(answer.must(), Rotated::Again { salt: [2; 16], session: session.clone() });
        ensure_eq!(found(&store, id).await, session.session);
    }
    // The successors that were offered meanwhile were never given out.
    let answer = rotate(&store, rotation(9, 10, 109)).await;
    ensure!(matches!(answer, Err(RotationError::Unknown)), "{answer:?}");
    fresh(rotate(&store, rotation(2, 3, 109)).await);
    ensure_eq!(salt_again(rotate(&store, rotation(2, 9, 110)).await), 3);
}

pub(super) async fn after_the_grace_a_spent_token_ends_the_session(store: Store) {
    let user = add(&store, "a@example.com").await;
    let id = open(&store, login(user.id, 1)).await.id;
    fresh(rotate(&store, rotation(1, 2, 100)).await);
    match rotate(&store, rotation(1, 3, 110)).await {
        Err(RotationError::Reused { session, user: owner }) => {
            ensure_eq!((session, owner), (id, user.id));
        }
        other => broken!("{other:?}"),
    }
    ensure_eq!(found(&store, id).await.ended_at, Some(moment(110)));
    for shown in [1, 2] {
        let answer = rotate(&store, rotation(shown, 3, 111)).await;
        ensure!(matches!(answer, Err(RotationError::Ended)), "{answer:?}");
    }
}

pub(super) async fn without_a_grace_a_spent_token_ends_the_session_at_once(store: Store) {
    let user = add(&store, "a@example.com").await;
    let id = open(&store, login(user.id, 1)).await.id;
    let strict =
        |shown, successor| Rotation { grace: TimeDelta::zero(), ..rotation(shown, successor, 100) };
    fresh(rotate(&store, strict(1, 2)).await);
    let answer = rotate(&store, strict(1, 3)).await;
    ensure!(matches!(answer, Err(RotationError::Reused { .. })), "{answer:?}");
    ensure_eq!(found(&store, id).await.ended_at, Some(moment(100)));
}

pub(super) async fn an_older_spent_token_ends_the_session_even_within_the_grace(store: Store) {
    let user = add(&store, "a@example.com").await;
    let id = open(&store, login(user.id, 1)).await.id;
    fresh(rotate(&store, rotation(1, 2, 100)).await);
    fresh(rotate(&store, rotation(2, 3, 101)).await);
    let answer = rotate(&store, rotation(1, 4, 102)).await;
    ensure!(matches!(answer, Err(RotationError::Reused { .. })), "{answer:?}");
    ensure_eq!(found(&store, id).await.ended_at, Some(moment(102)));
}

pub(super) async fn a_token_of_an_ended_session_is_ended(store: Store) {
    let user = add(&store, "a@example.com").await;
    let id = open(&store, login(user.id, 1)).await.id;
    fresh(rotate(&store, rotation(1, 2, 100)).await);
    store.sessions.end(user.id, id, moment(101)).await.must();
    let before = found(&store, id).await;
    for shown in [1, 2] {
        let answer = rotate(&store, rotation(shown, 3, 102)).await;
        ensure!(matches!(answer, Err(RotationError::Ended)), "{answer:?}");
    }
    ensure_eq!(found(&store, id).await, before);
}

pub(super) async fn a_token_of_a_session_past_its_limits_is_expired(store: Store) {
    let user = add(&store, "a@example.com").await;
    let idle = open(&store, login(user.id, 1)).await;
    let old = NewSession { idle_until: moment(5000), ..login(user.id, 2) };
    let old = open(&store, old).await;
    fresh(rotate(&store, rotation(2, 3, 4999)).await);
    for (shown, at) in [(1, 1000), (1, 4000), (3, 5000), (2, 5001)] {
        let answer = rotate(&store, rotation(shown, 9, at)).await;
        ensure!(matches!(answer, Err(RotationError::Expired)), "{shown} {at} {answer:?}");
    }
    ensure_eq!(found(&store, idle.id).await, idle);
    ensure_eq!(found(&store, old.id).await.ended_at, None);
    // A second before, it would have lived.
    fresh(rotate(&store, rotation(1, 4, 999)).await);
}

pub(super) async fn a_token_that_nobody_was_given_is_unknown(store: Store) {
    let user = add(&store, "a@example.com").await;
    let session = open(&store, login(user.id, 1)).await;
    let answer = rotate(&store, rotation(2, 3, 10)).await;
    ensure!(matches!(answer, Err(RotationError::Unknown)), "{answer:?}");
    ensure_eq!(found(&store, session.id).await, session);
}

pub(super) async fn reuse_ends_its_own_session_alone(store: Store) {
    let user = add(&store, "a@example.com").await;
    open(&store, login(user.id, 1)).await;
    let other = open(&store, login(user.id, 20)).await;
    fresh(rotate(&store, rotation(1, 2, 100)).await);
    ensure!(rotate(&store, rotation(1, 3, 500)).await.is_err());
    ensure_eq!(found(&store, other.id).await, other);
}

pub(super) async fn of_simultaneous_rotations_of_one_token_one_is_fresh(store: Store) {
    let user = add(&store, "a@example.com").await;
    for round in 1..=ROUNDS {
        open(&store, login(user.id, round)).await;
        let answers = store
            .at_once(32, |number| {
                let sessions = store.sessions.clone();
                let rotation = rotation_of(round, number);
                async move { (rotation.salt[0], sessions.rotate(rotation).await) }
            })
            .await;
        let (mut winners, mut again) = (Vec::new(), Vec::new());
        for (salt, answer) in answers {
            match answer.must() {
                Rotated::Fresh(_) => winners.push(salt),
                Rotated::Again { salt, .. } => again.push(salt[0]),
            }
        }
        ensure_eq!(winners.len(), 1);
        ensure_eq!(again, [winners[0]; 31]);
        fresh(rotate(&store, rotation(winners[0], 200 + round, 101)).await);
    }
}

pub(super) async fn of_simultaneous_rotations_without_a_grace_one_is_fresh(store: Store) {
    let user = add(&store, "a@example.com").await;
    for round in 1..=ROUNDS {
        open(&store, login(user.id, round)).await;
        let answers = store
            .at_once(32, |number| {
                let sessions = store.sessions.clone();
                let rotation = Rotation { grace: TimeDelta::zero(), ..rotation_of(round, number) };
                async move { sessions.rotate(rotation).await }
            })
            .await;
        let count = |is: fn(&Result<Rotated, RotationError>) -> bool| {
            answers.iter().filter(|answer| is(answer)).count()
        };
        ensure_eq!(count(|answer| matches!(answer, Ok(Rotated::Fresh(_)))), 1);
        ensure_eq!(count(|answer| matches!(answer, Err(RotationError::Reused { .. }))), 1);
        ensure_eq!(count(|answer| matches!(answer, Err(RotationError::Ended))), 30);
    }
}

/// In the first round a store may still be opening its connections, one after the other.
const ROUNDS: u8 = 4;

/// One of 32 rotations of the token of this round, each to a successor of its own.
fn rotation_of(round: u8, number: usize) -> Rotation {
    rotation(round, 32 * round + u8::try_from(number).must(), 100)
}
