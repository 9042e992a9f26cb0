//! The use cases of accounts, through mocked ports.

use std::sync::{Arc, Mutex};

use bookshelf_domain::accounts::*;
use bookshelf_domain::invites::{Invite, InviteId, MockInviteRepository};
use bookshelf_domain::{Change, Expected, Fault, FaultCode, IdempotencyKey, Made};
use chrono::TimeDelta;

use super::{AccountPorts, Accounts, Client, SessionLimits};
use crate::tests::{Repeating, admin_writer, clock, now, owner, user};
use crate::{AccessRules, Error, Operator, RegistrationMode, TokenFault};

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
    invites: MockInviteRepository,
    hasher: MockPasswordHasher,
    tokens: MockAccessTokens,
    rules: AccessRules,
}

impl Ports {
    fn accounts(self) -> Accounts {
        Accounts::new(
            AccountPorts {
                users: Arc::new(self.users),
                sessions: Arc::new(self.sessions),
                invites: Arc::new(self.invites),
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
            self.rules,
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

/// Logs in with "gru\u{308}nes Pferd" where the hash is one of `hashed`, and returns what the
/// password hash is replaced by, if it is.
async fn log_in_decomposed(hashed: &'static str) -> Result<Option<String>, Error> {
    let mut ports = Ports::default();
    let stored =
        StoredCredentials { user: user(1, Role::User), password_hash: PasswordHash::new(hashed) };
    let hash = Arc::new(Mutex::new(None));
    let (read, written) = (Arc::clone(&hash), Arc::clone(&hash));
    let now_stored = stored.clone();
    ports.users.expect_find_by_email().returning(move |_| Ok(Some(stored.clone())));
    ports.users.expect_credentials().returning(move |_| {
        let replaced = read.lock().unwrap().clone().map(PasswordHash::new);
        let password_hash = replaced.unwrap_or(now_stored.password_hash.clone());
        Ok(Some(StoredCredentials { password_hash, ..now_stored.clone() }))
    });
    ports.users.expect_replace_hash().returning(move |_, old, new| {
        assert_eq!(old.expose(), hashed);
        *written.lock().unwrap() = Some(new.expose().to_owned());
        Ok(())
    });
    ports
        .hasher
        .expect_verify()
        .returning(|password, hash| Ok(hash.is_some_and(|hash| hash.expose() == password)));
    ports.hasher.expect_is_outdated().return_const(false);
    ports.hasher.expect_hash().returning(|password| Ok(PasswordHash::new(password.expose())));
    ports.sessions.expect_open().returning(|new| Ok(Some(session(9, new.user_id.get()))));
    ports.tokens.expect_sign().returning(|_| Ok("jwt".into()));
    let draft =
        CredentialsDraft { password: Change::Set("gru\u{308}nes Pferd".into()), ..credentials() };
    ports.accounts().login(draft, Client::default()).await?;
    Ok(hash.lock().unwrap().clone())
}

#[tokio::test]
async fn a_hash_of_a_password_that_was_not_prepared_still_matches_and_is_replaced() {
    assert_eq!(log_in_decomposed("grünes Pferd").await.unwrap(), None);
    let replaced = log_in_decomposed("gru\u{308}nes Pferd").await.unwrap();
    assert_eq!(replaced.as_deref(), Some("grünes Pferd"));
    let error = log_in_decomposed("another").await.unwrap_err();
    assert!(matches!(error, Error::InvalidCredentials));
}

#[tokio::test]
async fn every_form_of_a_password_is_verified_for_an_unknown_email_too() {
    let mut ports = Ports::default();
    ports.users.expect_find_by_email().returning(|_| Ok(None));
    ports.hasher.expect_verify().times(2).returning(|_, _| Ok(false));
    let draft = CredentialsDraft { password: Change::Set("u\u{308}".into()), ..credentials() };
    let error = ports.accounts().login(draft, Client::default()).await.unwrap_err();
    assert!(matches!(error, Error::InvalidCredentials));
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
    ports.hasher.expect_hash().returning(|_| Ok(PasswordHash::new("new")));
    ports
        .users
        .expect_set_password()
        .withf(|update| {
            let hashes = (update.verified.expose(), update.new.expose());
            hashes == ("h", "new") && (update.id.get(), update.keep) == (1, Some(SessionId::new(9)))
        })
        .once()
        .returning(|_| Ok(()));
    ports.accounts().change_password(&owner, draft()).await.unwrap();
}

/// An account whose password hash is replaced by `meanwhile` after it was read for the first time.
/// Its password is "old", so the hashes "old" and "old, dearer" match it.
fn replaced_meanwhile(meanwhile: &'static str) -> Ports {
    let mut ports = Ports::default();
    let mut hashes = ["old"].into_iter();
    let mut credentials = move || StoredCredentials {
        user: user(1, Role::User),
        password_hash: PasswordHash::new(hashes.next().unwrap_or(meanwhile)),
    };
    let mut by_id = credentials.clone();
    ports.users.expect_credentials().returning(move |_| Ok(Some(by_id())));
    ports.users.expect_find_by_email().returning(move |_| Ok(Some(credentials())));
    ports.hasher.expect_verify().returning(|password, hash| {
        Ok(hash.is_some_and(|hash| hash.expose().starts_with(&password)))
    });
    ports.hasher.expect_hash().returning(|_| Ok(PasswordHash::new("new")));
    let check = move |verified: &PasswordHash| {
        if verified.expose() == meanwhile { Ok(()) } else { Err(UserError::PasswordChanged) }
    };
    ports.users.expect_set_password().returning(move |update| check(&update.verified));
    ports.users.expect_shorten_shelf().returning(|_, _, _| Ok(false));
    ports.users.expect_delete_verified().returning(move |_, verified| check(&verified));
    ports
}

fn from_old_to_new() -> PasswordChangeDraft {
    PasswordChangeDraft {
        current_password: Change::Set("old".into()),
        new_password: Change::Set("new password".into()),
        ..Default::default()
    }
}

fn confirmed_by_old() -> PasswordDraft {
    PasswordDraft { password: Change::Set("old".into()), ..Default::default() }
}

#[tokio::test]
async fn a_password_that_was_changed_after_it_was_verified_is_not_overwritten() {
    let changed = || replaced_meanwhile("another").accounts();
    let owner = owner(Role::User);
    let error = changed().change_password(&owner, from_old_to_new()).await.unwrap_err();
    assert!(matches!(error, Error::PasswordChanged), "{error:?}");
    let error = changed().delete_account(&owner, confirmed_by_old()).await.unwrap_err();
    assert!(matches!(error, Error::PasswordChanged), "{error:?}");
    let operator = Operator::on_this_machine();
    let reset = changed().reset_password(operator, "ann@example.com", "new password").await;
    assert!(matches!(reset, Err(Error::PasswordChanged)), "{reset:?}");
}

#[tokio::test]
async fn another_hash_of_the_same_password_does_not_refuse_a_change() {
    let renewed = || replaced_meanwhile("old, dearer").accounts();
    let owner = owner(Role::User);
    renewed().change_password(&owner, from_old_to_new()).await.unwrap();
    renewed().delete_account(&owner, confirmed_by_old()).await.unwrap();
}

#[tokio::test]
async fn a_long_shelf_is_deleted_in_steps_before_its_account() {
    let long = || {
        let (mut ports, mut order) = (Ports::default(), mockall::Sequence::new());
        ports.hasher.expect_verify().returning(|_, _| Ok(true));
        let user = user(1, Role::User);
        let stored = StoredCredentials { user, password_hash: PasswordHash::new("old") };
        ports.users.expect_credentials().returning(move |_| Ok(Some(stored.clone())));
        for more in [true, true, false] {
            let shorten = ports.users.expect_shorten_shelf().once().in_sequence(&mut order);
            shorten.returning(move |_, _, most| Ok(more && most > 0));
        }
        (ports, order)
    };
    let (mut own, mut order) = long();
    own.users.expect_delete_verified().once().in_sequence(&mut order).returning(|_, _| Ok(()));
    own.accounts().delete_account(&owner(Role::User), confirmed_by_old()).await.unwrap();
    let (mut other, mut order) = long();
    other.users.expect_delete().once().in_sequence(&mut order).returning(|_, _| Ok(()));
    let (accounts, admin) = (other.accounts(), admin_writer());
    accounts.delete_user(&admin, UserId::new(1), Expected::Any).await.unwrap();
}

#[tokio::test]
async fn a_hash_that_is_replaced_again_and_again_ends_in_an_error() {
    let mut ports = Ports::default();
    ports.users.expect_credentials().returning(|_| {
        let password_hash = PasswordHash::new("old");
        Ok(Some(StoredCredentials { user: user(1, Role::User), password_hash }))
    });
    ports.hasher.expect_verify().returning(|_, _| Ok(true));
    ports.users.expect_shorten_shelf().returning(|_, _, _| Err(UserError::PasswordChanged));
    let deleted = ports.accounts().delete_account(&owner(Role::User), confirmed_by_old()).await;
    assert!(matches!(deleted, Err(Error::PasswordChanged)), "{deleted:?}");
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

fn invited() -> RegistrationDraft {
    RegistrationDraft {
        email: Change::Set("Ann@example.com".into()),
        password: Change::Set("correct horse".into()),
        invite: Change::Set(format!(" bki_{} ", "A".repeat(32))),
        ..Default::default()
    }
}

fn invite() -> Invite {
    Invite {
        id: InviteId::new(4),
        email: Some(Email::parse("ann@example.com").unwrap()),
        role: Role::Admin,
        created_by: UserId::new(2),
        created_at: now(),
        expires_at: now() + TimeDelta::days(7),
        used_at: None,
        used_by: None,
    }
}

/// Ports of a server with this mode, which has this invitation.
fn inviting(registration: RegistrationMode, found: Option<Invite>) -> Ports {
    let mut ports =
        Ports { rules: AccessRules { registration, ..AccessRules::default() }, ..Ports::default() };
    ports.invites.expect_find_by_digest().returning(move |_| Ok(found.clone()));
    ports
}

/// Registers where no name may be looked up and no password hashed.
async fn refusal(mode: RegistrationMode, found: Option<Invite>, draft: RegistrationDraft) -> Error {
    inviting(mode, found).accounts().register(draft, None).await.unwrap_err()
}

#[tokio::test]
async fn nobody_registers_where_registration_is_closed() {
    let closed = RegistrationMode::Closed;
    for draft in [invited(), RegistrationDraft::default()] {
        let error = refusal(closed, Some(invite()), draft).await;
        assert!(matches!(error, Error::RegistrationClosed), "{error}");
    }
}

#[tokio::test]
async fn without_a_valid_invitation_a_registration_ends_before_the_password_is_hashed() {
    let by_invite = RegistrationMode::Invite;
    let without = RegistrationDraft { invite: Change::Keep, ..invited() };
    let blank = RegistrationDraft { invite: Change::Set(" ".into()), ..invited() };
    let other_text = RegistrationDraft { invite: Change::Set("please".into()), ..invited() };
    for draft in [without, blank, other_text] {
        let error = refusal(by_invite, Some(invite()), draft).await;
        assert!(matches!(error, Error::InviteInvalid), "{error}");
    }
    let expired = Invite { expires_at: now(), ..invite() };
    let used = Invite { used_at: Some(now()), ..invite() };
    let of_bob = Invite { email: Some(Email::parse("bob@example.com").unwrap()), ..invite() };
    for found in [None, Some(expired), Some(used), Some(of_bob)] {
        for mode in [RegistrationMode::Open, RegistrationMode::Invite] {
            let error = refusal(mode, found.clone(), invited()).await;
            assert!(matches!(error, Error::InviteInvalid), "{error}");
        }
    }
}

#[tokio::test]
async fn an_invitation_of_another_type_is_a_fault_among_the_others() {
    let faults = Fault::new(FaultCode::WrongType, "must be a string").of("invite");
    let draft = RegistrationDraft { faults, ..Default::default() };
    let error = refusal(RegistrationMode::Invite, None, draft).await;
    let Error::Invalid(faults) = error else { panic!("faults were expected") };
    let fields: Vec<_> = faults.by_field().keys().map(String::as_str).collect();
    assert_eq!(fields, ["email", "invite", "password"]);
}

#[tokio::test]
async fn an_invitation_is_used_in_every_mode_that_admits_it() {
    for mode in [RegistrationMode::Open, RegistrationMode::Invite] {
        let mut ports = inviting(mode, Some(invite()));
        ports.hasher.expect_hash().returning(|_| Ok(PasswordHash::new("h")));
        ports
            .invites
            .expect_accept()
            .withf(|_, user| user.role == Role::Admin && user.email.as_str() == "Ann@example.com")
            .once()
            .returning(|_, _| Ok(Made::Now(user(7, Role::Admin))));
        let made = ports.accounts().register(invited(), None).await.unwrap();
        assert_eq!(made, Made::Now(user(7, Role::Admin)));
    }
}

#[tokio::test]
async fn a_retry_gets_the_first_answer_although_it_would_not_be_admitted_now() {
    let key = || IdempotencyKey { lookup: [1; 32], secret: [2; 32], fingerprint: [3; 32] };
    let used = Invite { used_at: Some(now()), ..invite() };
    let (by_invite, closed) = (RegistrationMode::Invite, RegistrationMode::Closed);
    for (mode, found) in [(by_invite, Some(used)), (by_invite, None), (closed, None)] {
        for created in [Some(user(7, Role::Admin)), None] {
            let mut ports = inviting(mode, found.clone());
            let stored = created.clone();
            ports
                .users
                .expect_find_created()
                .withf(move |asked, at| *asked == key() && *at == now())
                .returning(move |_, _| Ok(stored.clone()));
            let answer = ports.accounts().register(invited(), Some(key())).await;
            match created {
                Some(user) => assert_eq!(answer.unwrap(), Made::Before(user)),
                None => assert!(matches!(
                    answer.unwrap_err(),
                    Error::InviteInvalid | Error::RegistrationClosed
                )),
            }
        }
    }
}
