//! Faults of API keys, invitations and idempotency keys.

use std::cmp::Reverse;

use bookshelf_contract::{api_keys, idempotency, invites};
use bookshelf_domain::accounts::{NewUser, Role, User, UserError, UserId, UserPatch, UserUpdate};
use bookshelf_domain::api_keys::*;
use bookshelf_domain::books::{BookError, BookId, NewBook};
use bookshelf_domain::invites::*;
use bookshelf_domain::shelves::{NewShelfEntry, ShelfTarget};
use bookshelf_domain::{Expected, Made, Order, Repositories};
use chrono::TimeDelta;

use crate::plant::{Count, Fault, every_clause_is_broken, every_fault_is_found, fault, now};

#[tokio::test]
async fn every_fault_of_api_keys_is_found() {
    every_fault_is_found(api_keys::contract(), &of_api_keys(), &[]).await;
    every_clause_is_broken(&api_keys::contract(), &of_api_keys());
}

#[tokio::test]
async fn every_fault_of_invitations_is_found() {
    every_fault_is_found(invites::contract(), &of_invites(), &[]).await;
    every_clause_is_broken(&invites::contract(), &of_invites());
}

#[tokio::test]
async fn every_fault_of_idempotency_keys_is_found() {
    every_fault_is_found(idempotency::contract(), &of_idempotency_keys(), &[]).await;
    every_clause_is_broken(&idempotency::contract(), &of_idempotency_keys());
}

fn of_api_keys() -> Vec<Fault> {
    vec![
        fault!("a key of nobody is one too many": api_keys.expect_insert |m, new|
            now(m.api_keys.insert(new)).map_err(|error| match error {
                ApiKeyError::NotFound => ApiKeyError::TooMany,
                other => other,
            }),
            breaks "a_key_of_nobody_is_refused"),
        fault!("a user has one key less": api_keys.expect_insert |m, new| {
                if now(m.api_keys.list(new.user_id))?.len() as i64 >= ApiKey::MAX - 1 {
                    return Err(ApiKeyError::TooMany);
                }
                now(m.api_keys.insert(new))
            },
            breaks "a_user_has_a_bounded_number_of_keys"),
        fault!("a key is found by the beginning of its prefix":
            api_keys.expect_find_by_prefix |m, prefix| {
                let exact = now(m.api_keys.find_by_prefix(prefix))?;
                let longer = format!("{prefix}a");
                Ok(exact.or(now(m.api_keys.find_by_prefix(&longer))?))
            },
            breaks "a_key_is_found_by_its_prefix_with_its_user"),
        fault!("keys are listed from the oldest": api_keys.expect_list |m, user| {
                let mut keys = now(m.api_keys.list(user))?;
                keys.reverse();
                Ok(keys)
            },
            breaks "keys_are_listed_for_their_user_the_newest_first"),
        fault!("a missing key is answered as deleted": api_keys.expect_delete |m, user, id|
            now(m.api_keys.delete(user, id)).map(|_| true),
            breaks "only_its_user_deletes_a_key"),
        fault!("a use is not recorded": api_keys.expect_touch |_m, _, _| Ok(()),
            breaks "a_use_is_remembered_and_a_gone_key_left_alone"),
        fault!("a new key is answered as an old one": api_keys.expect_insert |m, new|
            Ok(Made::Before(now(m.api_keys.insert(new))?.into_inner())),
            breaks "keys_go_with_their_user"),
    ]
}

fn role(m: &Repositories, id: UserId, role: Role) -> Result<User, UserError> {
    let user = now(m.users.find(id))?.ok_or(UserError::NotFound)?;
    let patch = UserPatch { role: Some(role), ..UserPatch::default() };
    now(m.users.update(UserUpdate { id, expected: Expected::Any, patch, at: user.updated_at }))
}

fn of_invites() -> Vec<Fault> {
    vec![
        fault!("an invitation of nobody is answered": invites.expect_insert |m, mut new| {
                let any = now(m.users.find(new.created_by))?.is_some();
                if !any {
                    let user = bookshelf_memory::a_user().build();
                    new.created_by = now(m.users.insert(user)).unwrap().into_inner().id;
                }
                now(m.invites.insert(new))
            },
            breaks "an_invitation_of_nobody_is_refused"),
        fault!("the token is not returned again": invites.expect_insert |m, new|
            Ok(match now(m.invites.insert(new))? {
                Made::Before(CreatedInvite { invite, .. }) => {
                    Made::Before(CreatedInvite { invite, token: String::new() })
                }
                made => made,
            }),
            breaks "an_invitation_is_created_once_and_its_token_returned_again"),
        fault!("an invitation is for any address": invites.expect_find_by_digest |m, digest|
            now(m.invites.find_by_digest(digest))
                .map(|found| found.map(|found| Invite { email: None, ..found })),
            breaks
                "an_invitation_is_found_by_its_digest"
                "an_accepted_invitation_gives_its_role_and_notes_its_user"),
        fault!("invitations of one moment are listed in ascending order":
            invites.expect_list |m, query| {
                let order = query.order;
                let mut listing = now(m.invites.list(query))?;
                if order == Order::Descending {
                    let key = |invite: &Invite| (Reverse(invite.created_at), invite.id);
                    listing.items.sort_by_key(key);
                }
                Ok(listing)
            },
            breaks "invitations_are_listed_in_pages"),
        fault!("a missing invitation is answered as deleted": invites.expect_delete |m, id|
            now(m.invites.delete(id)).map(|_| true),
            breaks "a_deleted_invitation_is_gone"),
        fault!("a guest keeps the role": invites.expect_accept |m, digest, user| {
                let wished = user.role;
                let made = now(m.invites.accept(digest, user))?;
                Ok(match made {
                    Made::Now(made) if made.role != wished => Made::Now(role(&m, made.id, wished)?),
                    made => made,
                })
            },
            breaks "an_accepted_invitation_gives_its_role_and_notes_its_user"),
        fault!("anybody is a guest": invites.expect_accept |m, digest, user| {
                let guest = user.clone();
                match now(m.invites.accept(digest, user)) {
                    Err(AcceptError::Invalid) => Ok(now(m.users.insert(guest))?),
                    answer => answer,
                }
            },
            breaks
                "a_deleted_invitation_is_gone"
                "an_invitation_is_accepted_only_once"
                "an_invitation_that_is_not_valid_is_refused_before_a_taken_name"
                "an_invitation_of_a_former_admin_is_refused"
                "of_simultaneous_registrations_with_one_invitation_one_succeeds"
                "a_registration_and_a_demotion_of_the_creator_do_not_wait_for_each_other_forever"),
        fault!("the second use of an invitation is a taken address":
            invites.expect_accept |m, digest, user| {
                let used = now(m.invites.find_by_digest(digest))?.and_then(|invite| invite.used_by);
                match (now(m.invites.accept(digest, user)), used) {
                    (Err(AcceptError::Invalid), Some(by)) => {
                        Err(UserError::EmailTaken { by }.into())
                    }
                    (answer, _) => answer,
                }
            },
            breaks "an_invitation_is_accepted_only_once"
                "of_simultaneous_registrations_with_one_invitation_one_succeeds"),
        fault!("a taken address comes before the invitation":
            invites.expect_accept |m, digest, user| {
                if let Some(holder) = now(m.users.find_by_email(user.email.clone()))?
                    && user.idempotency_key.is_none()
                {
                    return Err(UserError::EmailTaken { by: holder.user.id }.into());
                }
                now(m.invites.accept(digest, user))
            },
            breaks "an_invitation_that_is_not_valid_is_refused_before_a_taken_name"),
        fault!("a refused user uses the invitation": invites.expect_accept |m, digest, user| {
                let at = user.at;
                let answer = now(m.invites.accept(digest, user));
                if let (Err(AcceptError::User(UserError::EmailTaken { .. })), Some(invite)) =
                    (&answer, now(m.invites.find_by_digest(digest))?)
                {
                    now(m.invites.delete(invite.id))?;
                    let Invite { email, role, created_by, created_at, .. } = invite;
                    let (token, idempotency_key) = (String::new(), None);
                    let used = NewInvite {
                        email, role, created_by, token, digest, idempotency_key,
                        at: created_at, expires_at: at,
                    };
                    drop(now(m.invites.insert(used)));
                }
                answer
            },
            breaks "a_refused_user_does_not_use_the_invitation"),
        fault!("an invitation of a former admin works": invites.expect_accept |m, digest, user| {
                let invite = now(m.invites.find_by_digest(digest))?;
                let creator = invite.map(|invite| invite.created_by);
                let before = match creator {
                    Some(creator) => now(m.users.find(creator))?,
                    None => None,
                };
                match before {
                    Some(creator) if creator.role == Role::User => {
                        role(&m, creator.id, Role::Admin)?;
                        let answer = now(m.invites.accept(digest, user));
                        role(&m, creator.id, Role::User)?;
                        answer
                    }
                    _ => now(m.invites.accept(digest, user)),
                }
            },
            breaks "an_invitation_of_a_former_admin_is_refused"),
        fault!("a used invitation comes before the idempotency key":
            invites.expect_accept |m, digest, user| {
                let invite = now(m.invites.find_by_digest(digest))?;
                let used = invite.is_some_and(|invite| invite.used_at.is_some());
                if used { Err(AcceptError::Invalid) } else { now(m.invites.accept(digest, user)) }
            },
            breaks "a_retry_gets_the_user_although_the_invitation_was_used"),
        fault!("the tenth use of an invitation succeeds": invites.expect_accept |m, digest, user|
            @late = Count::default(); {
                let guest = NewUser { idempotency_key: None, ..user.clone() };
                match now(m.invites.accept(digest, user)) {
                    Err(AcceptError::Invalid) if late.reaches(10) => {
                        Ok(now(m.users.insert(guest))?)
                    }
                    answer => answer,
                }
            },
            breaks "of_simultaneous_registrations_with_one_invitation_one_succeeds"),
        fault!("an invitation names a user who is gone": invites.expect_find_by_digest |m, digest|
            now(m.invites.find_by_digest(digest)).map(|found| found.map(|found| match found {
                Invite { used_at: Some(_), used_by: None, .. } => {
                    Invite { used_by: Some(UserId::new(1)), ..found }
                }
                _ => found,
            })),
            breaks "invitations_go_with_their_creator_and_outlive_their_user"),
        fault!("a purge takes what ends at the moment": invites.expect_purge |m, before, limit|
            now(m.invites.purge(before + TimeDelta::microseconds(1), limit)),
            breaks "a_purge_takes_what_ended_before_up_to_its_limit"),
    ]
}

fn of_idempotency_keys() -> Vec<Fault> {
    vec![
        fault!("the book is returned as it is now": books.expect_insert |m, new|
            Ok(match now(m.books.insert(new))? {
                Made::Before(before) => {
                    Made::Before(now(m.book_reader.find(before.id))?.unwrap_or(before))
                }
                made => made,
            }),
            breaks "the_resource_is_returned_again_as_it_was_created"),
        fault!("any fingerprint will do": books.expect_insert |m, mut new| {
                if let Some(key) = &mut new.idempotency_key {
                    key.fingerprint = [0; 32];
                }
                now(m.books.insert(new))
            },
            breaks "a_known_key_with_another_fingerprint_creates_nothing"),
        fault!("a failure is stored": books.expect_insert |m, new|
            @failed = std::sync::Mutex::new(Vec::new()); {
                let mut failed = failed.lock().unwrap();
                let lookup = new.idempotency_key.as_ref().map(|key| key.lookup);
                if let Some((_, by)) = failed.iter().find(|(it, _)| Some(*it) == lookup) {
                    return Err(BookError::IsbnTaken { by: *by });
                }
                let answer = now(m.books.insert(new));
                if let (Err(BookError::IsbnTaken { by }), Some(lookup)) = (&answer, lookup) {
                    failed.push((lookup, *by));
                }
                answer
            },
            breaks "a_failure_stores_nothing"),
        fault!("a key lives a second longer": books.expect_insert |m, mut new| {
                let at = new.at;
                if now(m.books.read_after(BookId::new(0), 1))?.len() == 1 {
                    new.at -= TimeDelta::seconds(1);
                }
                Ok(match now(m.books.insert(new))? {
                    Made::Now(book) => {
                        let (created_at, updated_at) = (at, at);
                        Made::Now(bookshelf_domain::books::Book { created_at, updated_at, ..book })
                    }
                    before => before,
                })
            },
            breaks
                "a_key_is_free_again_after_its_lifetime"
                "a_purge_deletes_old_keys_up_to_its_limit"),
        fault!("the tenth request with a key creates another book": books.expect_insert |m, new|
            @again = Count::default(); {
                let second = NewBook { idempotency_key: None, ..new.clone() };
                match now(m.books.insert(new))? {
                    Made::Before(_) if again.reaches(10) => {
                        now(m.books.insert(second))
                    }
                    made => Ok(made),
                }
            },
            breaks "of_simultaneous_requests_one_creates_the_resource"),
        fault!("a purge knows no limit": idempotency.expect_purge |m, before, _|
            now(m.idempotency.purge(before, 1000)),
            breaks "a_purge_deletes_old_keys_up_to_its_limit"),
        fault!("a taken address comes before the key": users.expect_insert |m, new| {
                match now(m.users.find_by_email(new.email.clone()))? {
                    Some(holder) => Err(UserError::EmailTaken { by: holder.user.id }),
                    None => now(m.users.insert(new)),
                }
            },
            breaks "a_user_is_created_once_before_its_email_is_looked_up"),
        fault!("the secret is not returned again": api_keys.expect_insert |m, new|
            Ok(match now(m.api_keys.insert(new))? {
                Made::Before(CreatedApiKey { key, .. }) => {
                    Made::Before(CreatedApiKey { key, secret: String::new() })
                }
                made => made,
            }),
            breaks "an_api_key_is_created_once_and_its_secret_returned_again"),
        fault!("what was created is found after the lifetime of its key":
            invites.expect_find_created |m, key, at|
            now(m.invites.find_created(key, at - TimeDelta::microseconds(1))),
            breaks "what_was_created_under_a_key_is_found"),
        fault!("a retry adds the described book again": shelves.expect_insert |m, new| {
                let NewShelfEntry { target, at, .. } = new.clone();
                let answer = now(m.shelves.insert(new))?;
                if let (Made::Before(_), ShelfTarget::Described(fields)) = (&answer, target) {
                    let new = NewBook { fields: *fields, at, idempotency_key: None };
                    drop(now(m.books.insert(new)));
                }
                Ok(answer)
            },
            breaks "a_shelf_entry_is_created_once"),
    ]
}
