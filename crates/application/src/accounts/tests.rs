//! The use cases of accounts, through mocked ports.

use std::sync::Arc;

use bookshelf_domain::accounts::*;
use bookshelf_domain::{Change, Made};
use chrono::TimeDelta;

use super::{AccountPorts, Accounts, Client, SessionLimits};
use crate::tests::{Repeating, clock, now, owner, user};
use crate::{Error, TokenFault};

const SALT: [u8; 16] = [3; 16];

fn session(id: i64, user_id: i64) -> Session {
    Session {
        id: SessionId::new(id),
        user_id: UserId::new(user_id),
        user_agent: None,
        address: None,
        created_at: now(),
        last_used_at: now(),
        idle_until: now() + TimeDelta::days(14),
        expires_at: now() + TimeDelta::days(30),
        ended_at: None,
    }
}

#[derive(Default)]
struct Ports {
    users: MockUserRepository,
    sessions: MockSessionRepository,
    hasher: MockPasswordHasher,
    tokens: MockAccessTokens,
}

impl Ports {
    fn accounts(self) -> Accounts {
        Accounts::new(
            AccountPorts {
                users: Arc::new(self.users),
                sessions: Arc::new(self.sessions),
                hasher: Arc::new(self.hasher),
                tokens: Arc::new(self.tokens),
                clock: clock(),
                random: Arc::new(Repeating(5)),
            },
            SessionLimits {
                access_token: TimeDelta::minutes(15),
                refresh_idle: TimeDelta::days(14),
                refresh_total: TimeDelta::days(30),
                reuse_grace: TimeDelta::seconds(10),
            },
        )
    }

    fn with_session(mut self, found: Option<SessionUser>) -> Self {
        self.sessions.expect_find().returning(move |_| Ok(found.clone()));
        self.tokens.expect_verify().returning(|_, now| {
            Ok(AccessClaims {
                user: UserId::new(1),
                session: SessionId::new(9),
                role: Role::User,
                epoch: 1,
                id: "x".into(),
                issued_at: now,
                expires_at: now,
            })
        });
        self
    }
}

fn credentials() -> CredentialsDraft {
    CredentialsDraft {
        email: Change::Set("Ann@Example.com".into()),
        password: Change::Set("correct horse".into()),
        ..Default::default()
    }
}

#[tokio::test]
async fn an_unknown_email_is_verified_too_and_looks_like_a_wrong_password() {
    let mut ports = Ports::default();
    ports.users.expect_find_by_email().returning(|_| Ok(None));
    ports.hasher.expect_verify().withf(|_, hash| hash.is_none()).once().returning(|_, _| Ok(false));
    let error = ports.accounts().login(credentials(), Client::default()).await.unwrap_err();
    assert!(matches!(error, Error::InvalidCredentials));
}

#[tokio::test]
async fn an_invalid_email_costs_a_verification_too() {
    let mut ports = Ports::default();
    ports.hasher.expect_verify().once().returning(|_, _| Ok(false));
    let draft = CredentialsDraft { email: Change::Set("nobody".into()), ..credentials() };
    let error = ports.accounts().login(draft, Client::default()).await.unwrap_err();
    assert!(matches!(error, Error::InvalidCredentials));
}

#[tokio::test]
async fn a_login_opens_a_session_within_its_limits_and_renews_a_cheap_hash() {
    let mut ports = Ports::default();
    let stored =
        StoredCredentials { user: user(1, Role::User), password_hash: PasswordHash::new("h") };
    let renewed =
        StoredCredentials { password_hash: PasswordHash::new("dearer"), ..stored.clone() };
    ports.users.expect_find_by_email().returning(move |_| Ok(Some(stored.clone())));
    ports.users.expect_credentials().returning(move |_| Ok(Some(renewed.clone())));
    ports.hasher.expect_verify().returning(|_, _| Ok(true));
    ports.hasher.expect_is_outdated().return_const(true);
    ports.hasher.expect_hash().once().returning(|_| Ok(PasswordHash::new("dearer")));
    ports
        .users
        .expect_replace_hash()
        .withf(|id, old, new| (id.get(), old.expose(), new.expose()) == (1, "h", "dearer"))
        .once()
        .returning(|_, _, _| Ok(()));
    ports
        .sessions
        .expect_open()
        .withf(|new| {
            new.idle_until == now() + TimeDelta::days(14)
                && new.expires_at == now() + TimeDelta::days(30)
        })
        .returning(|new| Ok(Some(session(9, new.user_id.get()))));
    ports
        .tokens
        .expect_sign()
        .withf(|claims| {
            (claims.user.get(), claims.session.get(), claims.epoch) == (1, 9, 1)
                && claims.expires_at == now() + TimeDelta::minutes(15)
        })
        .returning(|_| Ok("jwt".into()));
    let pair = ports.accounts().login(credentials(), Client::default()).await.unwrap();
    assert_eq!(pair.access_token, "jwt");
    assert!(pair.refresh_token.starts_with("bkr_"));
    let shown = format!("{pair:?}");
    assert!(!shown.contains("jwt") && !shown.contains("bkr_"), "{shown}");
}

#[tokio::test]
async fn a_password_that_is_changed_during_a_login_ends_the_new_session() {
    let mut ports = Ports::default();
    let stored =
        StoredCredentials { user: user(1, Role::User), password_hash: PasswordHash::new("old") };
    let changed = StoredCredentials { password_hash: PasswordHash::new("new"), ..stored.clone() };
    ports.users.expect_find_by_email().returning(move |_| Ok(Some(stored.clone())));
    ports.users.expect_credentials().returning(move |_| Ok(Some(changed.clone())));
    ports
        .hasher
        .expect_verify()
        .returning(|_, hash| Ok(hash.is_some_and(|hash| hash.expose() == "old")));
    ports.hasher.expect_is_outdated().return_const(false);
    ports.sessions.expect_open().returning(|new| Ok(Some(session(9, new.user_id.get()))));
    ports
        .sessions
        .expect_end()
        .withf(|user, session, _| (user.get(), session.get()) == (1, 9))
        .once()
        .returning(|_, _, _| Ok(true));
    let error = ports.accounts().login(credentials(), Client::default()).await.unwrap_err();
    assert!(matches!(error, Error::InvalidCredentials));
}

#[tokio::test]
async fn the_grace_period_gives_the_successor_of_the_stored_salt() {
    async fn successor(rotated: fn(Rotation) -> Rotated, token: &str) -> String {
        let mut ports = Ports::default();
        ports.sessions.expect_rotate().returning(move |rotation| Ok(rotated(rotation)));
        ports.tokens.expect_sign().returning(|_| Ok("jwt".into()));
        ports.accounts().refresh(token).await.unwrap().refresh_token
    }
    fn found() -> SessionUser {
        SessionUser { session: session(9, 1), user: user(1, Role::User) }
    }
    let token = format!("bkr_{}", "A".repeat(43));
    let fresh = successor(|_| Rotated::Fresh(found()), &token).await;
    let again = successor(|_| Rotated::Again { salt: [5; 16], session: found() }, &token).await;
    let other = successor(|_| Rotated::Again { salt: SALT, session: found() }, &token).await;
    assert_eq!(fresh, again, "the same salt gives the same successor");
    assert_ne!(fresh, other);
}

#[tokio::test]
async fn an_access_token_is_refused_as_a_refresh_token() {
    let error = Ports::default().accounts().refresh("eyJ0eXAi.e30.c2ln").await.unwrap_err();
    assert!(matches!(error, Error::Token(TokenFault::Invalid)));
}

#[tokio::test]
async fn an_access_token_stops_with_its_session_user_role_and_epoch() {
    let live = SessionUser { session: session(9, 1), user: user(1, Role::User) };
    let ok = Ports::default().with_session(Some(live.clone())).accounts();
    assert_eq!(
        ok.authenticate("t").await.unwrap().into_owner().unwrap().session_id(),
        SessionId::new(9)
    );

    let ended = SessionUser {
        session: Session { ended_at: Some(now()), ..live.session.clone() },
        ..live.clone()
    };
    let idle = SessionUser {
        session: Session { idle_until: now(), ..live.session.clone() },
        ..live.clone()
    };
    let other_role = SessionUser { user: user(1, Role::Admin), ..live.clone() };
    let other_epoch =
        SessionUser { user: User { access_epoch: 2, ..live.user.clone() }, ..live.clone() };
    for gone in [None, Some(ended), Some(idle), Some(other_role), Some(other_epoch)] {
        let accounts = Ports::default().with_session(gone.clone()).accounts();
        let error = accounts.authenticate("t").await.expect_err("must be revoked");
        assert!(matches!(error, Error::Token(TokenFault::Revoked)), "{gone:?}");
    }
}

#[tokio::test]
async fn a_password_change_needs_the_old_one_and_keeps_only_this_session() {
    let owner = owner(Role::User);
    let draft = || PasswordChangeDraft {
        current_password: Change::Set("old password".into()),
        new_password: Change::Set("new password".into()),
        ..Default::default()
    };
    let stored = || {
        Ok(Some(StoredCredentials {
            user: user(1, Role::User),
            password_hash: PasswordHash::new("h"),
        }))
    };

    let mut ports = Ports::default();
    ports.users.expect_credentials().returning(move |_| stored());
    ports.hasher.expect_verify().returning(|_, _| Ok(false));
    let error = ports.accounts().change_password(&owner, draft()).await.unwrap_err();
    assert!(matches!(error, Error::InvalidCredentials));

    let mut ports = Ports::default();
    ports.users.expect_credentials().returning(move |_| stored());
    ports.hasher.expect_verify().returning(|_, _| Ok(true));
    ports.hasher.expect_is_outdated().return_const(false);
    ports.hasher.expect_hash().returning(|_| Ok(PasswordHash::new("new")));
    ports
        .users
        .expect_set_password()
        .withf(|id, hash, keep, _| {
            (id.get(), hash.expose(), *keep) == (1, "new", Some(SessionId::new(9)))
        })
        .once()
        .returning(|_, _, _, _| Ok(()));
    ports.accounts().change_password(&owner, draft()).await.unwrap();
}

#[tokio::test]
async fn registering_collects_faults_and_never_makes_an_admin() {
    let draft = RegistrationDraft {
        email: Change::Set("no".into()),
        password: Change::Set("short".into()),
        username: Change::Set("a b".into()),
        ..Default::default()
    };
    let Error::Invalid(faults) =
        Ports::default().accounts().register(draft, None).await.unwrap_err()
    else {
        panic!("faults were expected");
    };
    let fields: Vec<_> = faults.by_field().keys().map(String::as_str).collect();
    assert_eq!(fields, ["email", "password", "username"]);

    let mut ports = Ports::default();
    ports.hasher.expect_hash().returning(|_| Ok(PasswordHash::new("h")));
    ports
        .users
        .expect_insert()
        .withf(|new| new.role == Role::User)
        .once()
        .returning(|_| Ok(Made::Now(user(1, Role::User))));
    let draft = RegistrationDraft {
        email: Change::Set("ann@example.com".into()),
        password: Change::Set("correct horse".into()),
        ..Default::default()
    };
    ports.accounts().register(draft, None).await.unwrap();
}
