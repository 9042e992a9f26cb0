use bookshelf_contract::sessions::contract;
use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::*;
use chrono::TimeDelta;

use crate::plant::{Count, Fault, every_clause_is_broken, every_fault_is_found, fault, now};

#[tokio::test]
async fn every_fault_is_found_by_its_clauses() {
    let mut faults = opens();
    faults.extend(rotations());
    faults.extend(ends());
    every_fault_is_found(contract(), &faults, &[]).await;
    every_clause_is_broken(&contract(), &faults);
}

/// A session that was never opened.
pub(crate) fn session(id: SessionId, user_id: UserId, at: Timestamp) -> Session {
    Session {
        id,
        user_id,
        user_agent: None,
        address: None,
        created_at: at,
        last_used_at: at,
        idle_until: at,
        expires_at: at,
        ended_at: None,
    }
}

fn opens() -> Vec<Fault> {
    vec![
        fault!("the program is not stored": sessions.expect_open |m, mut new| {
                new.user_agent = None;
                now(m.sessions.open(new))
            },
            breaks "a_session_comes_back_as_it_was_opened"),
        fault!("a session of nobody is answered": sessions.expect_open |m, new| {
                let (user_id, at) = (new.user_id, new.at);
                let any = session(SessionId::new(99), user_id, at);
                Ok(now(m.sessions.open(new))?.or(Some(any)))
            },
            breaks "no_session_is_opened_without_a_user"),
        fault!("a negative id is taken for a positive one": sessions.expect_find |m, id|
            now(m.sessions.find(SessionId::new(id.get().saturating_abs()))),
            breaks "there_is_no_session_where_none_was_opened"),
        fault!("a session comes with a plain user": sessions.expect_find |m, id| {
                let mut found = now(m.sessions.find(id))?;
                if let Some(found) = &mut found {
                    found.user.role = Role::User;
                }
                Ok(found)
            },
            breaks "a_session_comes_with_its_user_as_it_is_now"),
        fault!("sessions are listed by their opening": sessions.expect_list_live |m, user, at| {
                let mut live = now(m.sessions.list_live(user, at))?;
                live.sort_by_key(|session| std::cmp::Reverse(session.created_at));
                Ok(live)
            },
            breaks "the_live_sessions_are_listed_the_one_used_last_first"),
    ]
}

fn rotations() -> Vec<Fault> {
    vec![
        fault!("a rotation does not prolong the session": sessions.expect_rotate |m, mut rotation| {
                rotation.idle_until -= TimeDelta::seconds(200);
                now(m.sessions.rotate(rotation))
            },
            breaks "the_live_token_is_spent_and_its_successor_lives"),
        fault!("the offered salt is answered again": sessions.expect_rotate |m, rotation| {
                let offered = rotation.salt;
                Ok(match now(m.sessions.rotate(rotation))? {
                    Rotated::Again { session, .. } => Rotated::Again { salt: offered, session },
                    fresh => fresh,
                })
            },
            breaks "the_token_spent_last_gives_the_same_successor_within_the_grace"
                "of_simultaneous_rotations_of_one_token_one_is_fresh"),
        fault!("the grace lasts a second longer": sessions.expect_rotate |m, mut rotation| {
                if rotation.grace > TimeDelta::zero() {
                    rotation.grace += TimeDelta::seconds(1);
                }
                now(m.sessions.rotate(rotation))
            },
            breaks "after_the_grace_a_spent_token_ends_the_session"),
        fault!("there is always a grace": sessions.expect_rotate |m, mut rotation| {
                rotation.grace = rotation.grace.max(TimeDelta::seconds(1));
                now(m.sessions.rotate(rotation))
            },
            breaks "without_a_grace_a_spent_token_ends_the_session_at_once"
                "of_simultaneous_rotations_without_a_grace_one_is_fresh"),
        fault!("a reused token is unknown within the grace": sessions.expect_rotate |m, rotation| {
                let grace = rotation.grace > TimeDelta::zero();
                let at = rotation.at;
                match now(m.sessions.rotate(rotation)) {
                    Err(RotationError::Reused { session, user }) if grace => {
                        let used = now(m.sessions.find(session))?.map(|it| it.session.last_used_at);
                        match used {
                            Some(used) if at - used < TimeDelta::seconds(10) => {
                                Err(RotationError::Unknown)
                            }
                            _ => Err(RotationError::Reused { session, user }),
                        }
                    }
                    answer => answer,
                }
            },
            breaks "an_older_spent_token_ends_the_session_even_within_the_grace"),
        fault!("a token of an ended session is unknown": sessions.expect_rotate |m, rotation|
            match now(m.sessions.rotate(rotation)) {
                Err(RotationError::Ended) => Err(RotationError::Unknown),
                answer => answer,
            },
            breaks "after_the_grace_a_spent_token_ends_the_session"
                "a_token_of_an_ended_session_is_ended"
                "of_simultaneous_rotations_without_a_grace_one_is_fresh"
                "a_refresh_token_ends_its_session_spent_or_not"),
        fault!("a token of an expired session is ended": sessions.expect_rotate |m, rotation|
            match now(m.sessions.rotate(rotation)) {
                Err(RotationError::Expired) => Err(RotationError::Ended),
                answer => answer,
            },
            breaks "a_token_of_a_session_past_its_limits_is_expired"),
        fault!("an unknown token is ended": sessions.expect_rotate |m, rotation|
            match now(m.sessions.rotate(rotation)) {
                Err(RotationError::Unknown) => Err(RotationError::Ended),
                answer => answer,
            },
            breaks "the_token_spent_last_gives_the_same_successor_within_the_grace"
                "a_token_that_nobody_was_given_is_unknown"
                "tokens_are_forgotten_with_their_session"),
        fault!("reuse ends all sessions of the user": sessions.expect_rotate |m, rotation| {
                let at = rotation.at;
                let answer = now(m.sessions.rotate(rotation));
                if let Err(RotationError::Reused { user, .. }) = answer {
                    now(m.sessions.end_all(user, at))?;
                }
                answer
            },
            breaks "reuse_ends_its_own_session_alone"),
        fault!("the tenth repetition of a rotation is fresh": sessions.expect_rotate |m, rotation|
            @again = Count::default();
            Ok(match now(m.sessions.rotate(rotation))? {
                Rotated::Again { session, .. } if again.reaches(10) => {
                    Rotated::Fresh(session)
                }
                answer => answer,
            }),
            breaks "of_simultaneous_rotations_of_one_token_one_is_fresh"),
        fault!("a session is reused twice": sessions.expect_rotate |m, rotation|
            @ended = Count::default(); {
                match now(m.sessions.rotate(rotation)) {
                    Err(RotationError::Ended) if ended.reaches(10) => {
                        let (session, user) = (SessionId::new(1), UserId::new(1));
                        Err(RotationError::Reused { session, user })
                    }
                    answer => answer,
                }
            },
            breaks "of_simultaneous_rotations_without_a_grace_one_is_fresh"),
    ]
}

fn ends() -> Vec<Fault> {
    vec![
        fault!("an ended session ends again": sessions.expect_end |m, user, id, at| {
                let found = now(m.sessions.find(id))?;
                let ended = found.is_some_and(|it| it.session.ended_at.is_some());
                now(m.sessions.end(user, id, at)).map(|did| did || ended)
            },
            breaks "a_session_ends_once" "of_simultaneous_ends_one_counts"),
        fault!("anybody ends a session": sessions.expect_end |m, user, id, at| {
                let owner = now(m.sessions.find(id))?.map_or(user, |it| it.user.id);
                now(m.sessions.end(owner, id, at))
            },
            breaks "only_its_owner_can_end_a_session"),
        fault!("an expired session is answered as ended": sessions.expect_end |m, user, id, at| {
                let expired = now(m.sessions.find(id))?
                    .is_some_and(|it| it.session.ended_at.is_none() && !it.session.is_live(at));
                now(m.sessions.end(user, id, at)).map(|did| did || expired)
            },
            breaks "a_session_past_its_limits_cannot_be_ended"),
        fault!("the tenth end of a session counts": sessions.expect_end |m, user, id, at|
            @late = Count::default();
            now(m.sessions.end(user, id, at))
                .map(|did| did || late.reaches(10)),
            breaks "of_simultaneous_ends_one_counts"),
        fault!("the end of all counts one more": sessions.expect_end_all |m, user, at|
            now(m.sessions.end_all(user, at)).map(|ended| if ended > 0 { ended + 1 } else { 0 }),
            breaks "every_live_session_of_a_user_ends_together"),
        fault!("a token ends all sessions of the user":
            sessions.expect_end_by_token |m, token, at| {
                let session = now(m.sessions.end_by_token(token, at))?;
                let others = now(m.sessions.list_live(session.user_id, at))?;
                for other in others {
                    now(m.sessions.end(session.user_id, other.id, at))?;
                }
                Ok(session)
            },
            breaks "a_refresh_token_ends_its_session_spent_or_not"),
        fault!("the token of an expired session has ended":
            sessions.expect_end_by_token |m, token, at|
            match now(m.sessions.end_by_token(token, at)) {
                Err(RotationError::Expired) => Err(RotationError::Ended),
                answer => answer,
            },
            breaks "what_has_ended_cannot_be_ended_by_a_token"),
        fault!("a purge takes what ends at the moment": sessions.expect_purge |m, before, limit|
            now(m.sessions.purge(before + TimeDelta::microseconds(1), limit)),
            breaks "only_sessions_dead_since_before_are_forgotten"),
        fault!("a purge knows no limit": sessions.expect_purge |m, before, _|
            now(m.sessions.purge(before, 1000)),
            breaks "a_purge_takes_no_more_than_its_limit"),
    ]
}
