//! Faults of changes, passwords and deletions of users.

use std::sync::Mutex;

use bookshelf_domain::accounts::*;
use bookshelf_domain::books::{BookId, WhenShelved};
use bookshelf_domain::shelves::ShelfEntryId;
use bookshelf_domain::{Change, Expected};
use chrono::TimeDelta;

use crate::plant::{Count, Fault, fault, now};
use crate::users::{admins, all, anybodys};

pub(crate) fn updates() -> Vec<Fault> {
    vec![
        fault!("a name cannot be cleared": users.expect_update |m, mut update| {
                if update.patch.name == Change::Clear {
                    update.patch.name = Change::Keep;
                }
                now(m.users.update(update))
            },
            breaks "only_what_the_patch_names_changes"),
        fault!("the time of an update is not stored": users.expect_update |m, mut update| {
                let before = now(m.users.find(update.id))?;
                update.at = before.map_or(update.at, |user| user.updated_at);
                now(m.users.update(update))
            },
            breaks "a_change_raises_the_version_and_sets_the_time"),
        fault!("an empty patch is a change": users.expect_update |m, update| {
                let empty = update.patch == UserPatch::default();
                let mut user = now(m.users.update(update))?;
                if empty {
                    user.version = user.version.next();
                }
                Ok(user)
            },
            breaks "a_patch_that_changes_nothing_leaves_version_and_time_alone"),
        fault!("the update of a missing user is stale": users.expect_update |m, update| {
                let any = update.expected == Expected::Any;
                match now(m.users.update(update)) {
                    Err(UserError::NotFound) if !any => Err(UserError::Stale),
                    answer => answer,
                }
            },
            breaks "a_missing_user_is_told_before_a_stale_version"),
        fault!("a taken username comes before a stale version": users.expect_update |m, update| {
                let stale = now(m.users.update(update.clone()));
                if let Err(UserError::Stale) = stale
                    && let Change::Set(name) = &update.patch.username
                {
                    let holder = all(&m).into_iter().find(|user| {
                        user.id != update.id
                            && user.username.as_ref().map(Username::folded) == Some(name.folded())
                    });
                    if let Some(holder) = holder {
                        return Err(UserError::UsernameTaken { by: holder.id });
                    }
                }
                stale
            },
            breaks "a_stale_version_comes_before_a_taken_username"),
        fault!("a refused username leaves the new name behind": users.expect_update |m, update| {
                let mut name = update.clone();
                name.patch.username = Change::Keep;
                match now(m.users.update(update)) {
                    Err(error @ UserError::UsernameTaken { .. }) => {
                        now(m.users.update(name))?;
                        Err(error)
                    }
                    answer => answer,
                }
            },
            breaks "a_taken_username_changes_nothing"),
        fault!("a user's own name is taken": users.expect_update |m, update| {
                if let Change::Set(name) = &update.patch.username
                    && let Some(user) = now(m.users.find(update.id))?
                    && let Some(old) = user.username.filter(|old| old.folded() == name.folded())
                    && old.as_str() != name.as_str()
                {
                    return Err(UserError::UsernameTaken { by: user.id });
                }
                now(m.users.update(update))
            },
            breaks "a_username_may_change_its_case"),
        fault!("a username cannot be given up": users.expect_update |m, mut update| {
                if update.patch.username == Change::Clear {
                    update.patch.username = Change::Keep;
                }
                now(m.users.update(update))
            },
            breaks "only_what_the_patch_names_changes" "a_username_that_was_given_up_is_free"),
        fault!("the access epoch rises with every change": users.expect_update |m, update| {
                let before = now(m.users.find(update.id))?;
                let mut user = now(m.users.update(update))?;
                if before.is_some_and(|before| before.role == user.role && before != user) {
                    user.access_epoch += 1;
                }
                Ok(user)
            },
            breaks
                "only_what_the_patch_names_changes"
                "a_change_raises_the_version_and_sets_the_time"
                "the_access_epoch_rises_exactly_when_the_role_changes"
                "of_simultaneous_updates_of_one_version_one_succeeds"),
        fault!("the last admin can be demoted where there are users":
            users.expect_update |m, update| {
                let id = update.id;
                match now(m.users.update(update)) {
                    Err(UserError::LastAdmin { .. }) if all(&m).len() == 2 => {
                        now(m.users.find(id))?.ok_or(UserError::NotFound)
                    }
                    answer => answer,
                }
            },
            breaks "the_last_admin_cannot_be_demoted"),
        fault!("the last of many admins can be demoted": users.expect_update |m, update|
            @demoted = Count::default(); {
                let (id, demotes) = (update.id, update.patch.role == Some(Role::User));
                let count = if demotes { demoted.next() } else { 0 };
                match now(m.users.update(update)) {
                    Err(UserError::LastAdmin { .. }) if count > 11 => {
                        now(m.users.find(id))?.ok_or(UserError::NotFound)
                    }
                    answer => answer,
                }
            },
            breaks "simultaneous_demotions_leave_an_admin"),
        fault!("the fifth stale update succeeds": users.expect_update |m, update|
            @stale = Count::default(); {
                match now(m.users.update(update.clone())) {
                    Err(UserError::Stale) if stale.reaches(5) => {
                        now(m.users.update(UserUpdate { expected: Expected::Any, ..update }))
                    }
                    answer => answer,
                }
            },
            breaks "of_simultaneous_updates_of_one_version_one_succeeds"),
        fault!("the fifth refusal of a username is forgotten": users.expect_update |m, update|
            @refused = Count::default(); {
                let id = update.id;
                match now(m.users.update(update)) {
                    Err(UserError::UsernameTaken { .. }) if refused.reaches(5) => {
                        now(m.users.find(id))?.ok_or(UserError::NotFound)
                    }
                    answer => answer,
                }
            },
            breaks "of_simultaneous_claims_of_one_username_one_succeeds"),
    ]
}

pub(crate) fn passwords() -> Vec<Fault> {
    vec![
        fault!("a new hash is not stored": users.expect_set_password |m, mut update| {
                update.new = update.verified.clone();
                now(m.users.set_password(update))
            },
            breaks
                "the_new_hash_takes_the_place_of_the_old_one"
                "a_change_from_a_hash_that_is_gone_changes_nothing"
                "of_simultaneous_changes_from_one_hash_one_succeeds"
                "who_opens_a_session_meanwhile_sees_the_new_hash_or_has_it_ended"
                "of_a_change_of_the_password_and_a_deletion_one_succeeds"
                "what_was_written_is_there_after_reopening"),
        fault!("a new password is a new version": users.expect_set_password |m, update| {
                let (id, at) = (update.id, update.at);
                now(m.users.set_password(update))?;
                let name = Change::Set(UserName::parse("changed").unwrap());
                let patch = UserPatch { name, ..UserPatch::default() };
                now(m.users.update(UserUpdate { id, expected: Expected::Any, patch, at }))?;
                Ok(())
            },
            breaks
                "the_resource_stays_as_it_is"
                "what_was_written_is_there_after_reopening"),
        fault!("the kept session ends too": users.expect_set_password |m, mut update| {
                update.keep = None;
                now(m.users.set_password(update))
            },
            breaks "every_other_live_session_ends"
                "a_change_from_a_hash_that_is_gone_changes_nothing"),
        fault!("the session opened last is kept": users.expect_set_password |m, mut update| {
                let live = now(m.sessions.list_live(update.id, update.at))?;
                if update.keep.is_none() && live.len() > 1 {
                    update.keep = live.first().map(|session| session.id);
                }
                now(m.users.set_password(update))
            },
            breaks
                "every_live_session_ends_when_none_is_kept"
                "who_opens_a_session_meanwhile_sees_the_new_hash_or_has_it_ended"),
        fault!("nobody's password is changed": users.expect_set_password |m, update|
            match now(m.users.set_password(update)) {
                Err(UserError::NotFound) => Err(UserError::PasswordChanged),
                answer => answer,
            },
            breaks "there_is_no_password_without_a_user"),
        fault!("a new password ends no session": users.expect_set_password |m, update| {
                let PasswordUpdate { id, verified, new, .. } = update;
                Ok(now(m.users.replace_hash(id, verified, new))?)
            },
            breaks
                "every_other_live_session_ends"
                "every_live_session_ends_when_none_is_kept"
                "there_is_no_password_without_a_user"
                "a_change_from_a_hash_that_is_gone_changes_nothing"
                "of_simultaneous_changes_from_one_hash_one_succeeds"
                "who_opens_a_session_meanwhile_sees_the_new_hash_or_has_it_ended"),
        fault!("any hash is the verified one": users.expect_set_password |m, mut update| {
                if let Some(found) = now(m.users.credentials(update.id))? {
                    update.verified = found.password_hash;
                }
                now(m.users.set_password(update))
            },
            breaks "a_change_from_a_hash_that_is_gone_changes_nothing"
                "of_simultaneous_changes_from_one_hash_one_succeeds"),
        fault!("the fifth late change is answered as done": users.expect_set_password |m, update|
            @late = Count::default();
            match now(m.users.set_password(update)) {
                Err(UserError::PasswordChanged) if late.reaches(5) => Ok(()),
                answer => answer,
            },
            breaks "of_simultaneous_changes_from_one_hash_one_succeeds"),
        fault!("another hash of the password ends sessions":
            users.expect_replace_hash |m, id, old, new| {
                now(m.users.replace_hash(id, old, new))?;
                if let Some(user) = now(m.users.find(id))? {
                    now(m.sessions.end_all(id, user.created_at + TimeDelta::seconds(1)))?;
                }
                Ok(())
            },
            breaks "another_hash_of_the_same_password_changes_nothing_else"),
        fault!("any hash is replaced": users.expect_replace_hash |m, id, old, new| {
                let stored = now(m.users.credentials(id))?;
                now(m.users.replace_hash(id, stored.map_or(old, |found| found.password_hash), new))
            },
            breaks "a_hash_that_was_replaced_meanwhile_stays"),
        fault!("the slowest hash is the first": users.expect_slowest_hash |m| {
                let first = all(&m).first().map(|user| user.id);
                let Some(first) = first else { return Ok(None) };
                Ok(now(m.users.credentials(first))?.map(|found| found.password_hash))
            },
            breaks "the_slowest_hash_has_the_highest_cost"),
    ]
}

pub(crate) fn deletions() -> Vec<Fault> {
    vec![
        fault!("a shelf of just as many entries is shortened":
            users.expect_shorten_shelf |m, id, condition, most|
            now(m.users.shorten_shelf(id, condition, most)).map(|did| {
                let entries = now(m.shelves.read_after(id, ShelfEntryId::new(0), 1000)).unwrap();
                did || entries.len() == most as usize
            }),
            breaks "a_long_shelf_is_shortened_by_its_oldest_entries"),
        fault!("any shelf is shortened": users.expect_shorten_shelf |m, id, condition, most| {
                match now(m.users.shorten_shelf(id, condition, most)) {
                    Err(UserError::LastAdmin { .. }) => Ok(true),
                    answer => answer,
                }
            },
            breaks "a_shelf_is_not_shortened_where_the_deletion_is_refused"),
        fault!("a deleted user is still found": users.expect_find |m, id|
            @seen = Mutex::new(Vec::<User>::new()); {
                let found = now(m.users.find(id))?;
                let mut seen = seen.lock().unwrap();
                seen.extend(found.clone());
                Ok(found.or_else(|| seen.iter().rev().find(|user| user.id == id).cloned()))
            },
            breaks "a_user_is_deleted_while_its_password_is_the_verified_one"),
        fault!("credentials outlive their user": users.expect_delete |m, id, expected| {
                let user = now(m.users.credentials(id))?;
                now(m.users.delete(id, expected))?;
                if let Some(StoredCredentials { user, password_hash }) = user {
                    let User { email, username, name, created_at: at, .. } = user;
                    let role = Role::User;
                    let idempotency_key = None;
                    let new = NewUser {
                        email, username, name, role, password_hash, at, idempotency_key,
                    };
                    now(m.users.insert(new))?;
                }
                Ok(())
            },
            breaks "a_deleted_user_is_gone"),
        fault!("tokens outlive their user": sessions.expect_rotate |m, rotation|
            match now(m.sessions.rotate(rotation)) {
                Err(RotationError::Unknown) => Err(RotationError::Ended),
                answer => answer,
            },
            breaks "its_sessions_go_with_it"),
        fault!("a session is found under every id": sessions.expect_find |m, id|
            now(m.sessions.find(id)).map(|found| found.or_else(|| Some(anybodys(id)))),
            breaks
                "its_sessions_go_with_it"
                "a_session_is_never_opened_for_a_user_deleted_meanwhile"
                "a_user_is_deleted_while_its_password_is_the_verified_one"),
        fault!("books go with any user": users.expect_delete |m, id, expected| {
                now(m.users.delete(id, expected))?;
                for book in now(m.books.read_after(BookId::new(0), 1000))? {
                    drop(now(m.books.delete(book.id, Expected::Any, WhenShelved::Remove)));
                }
                Ok(())
            },
            breaks "its_books_stay"),
        fault!("the deletion of a missing user is stale": users.expect_delete |m, id, expected| {
                let any = expected == Expected::Any;
                match now(m.users.delete(id, expected)) {
                    Err(UserError::NotFound) if !any => Err(UserError::Stale),
                    answer => answer,
                }
            },
            breaks "a_missing_user_comes_before_a_stale_version"),
        fault!("the last admin comes before a stale version":
            users.expect_delete |m, id, expected| {
                match now(m.users.delete(id, expected)) {
                    Err(UserError::Stale) if admins(&m) == 1 => {
                        Err(UserError::LastAdmin { is: id })
                    }
                    answer => answer,
                }
            },
            breaks "a_stale_version_comes_before_the_last_admin"),
        fault!("the last admin is not named": users.expect_delete |m, id, expected| {
                match now(m.users.delete(id, expected)) {
                    Err(UserError::LastAdmin { .. }) => {
                        Err(UserError::LastAdmin { is: UserId::new(id.get() + 1) })
                    }
                    answer => answer,
                }
            },
            breaks "the_last_admin_cannot_be_deleted"),
        fault!("the last of many admins is answered as deleted":
            users.expect_delete |m, id, expected|
            @deleted = Count::default(); {
                let count = deleted.next();
                match now(m.users.delete(id, expected)) {
                    Err(UserError::LastAdmin { .. }) if count > 11 => Ok(()),
                    answer => answer,
                }
            },
            breaks "simultaneous_deletions_leave_an_admin"),
        fault!("the last admin is answered as deleted after a demotion":
            users.expect_delete |m, id, expected| {
                match now(m.users.delete(id, expected)) {
                    Err(UserError::LastAdmin { .. }) if all(&m).len() > admins(&m) => Ok(()),
                    answer => answer,
                }
            },
            breaks "the_last_admin_cannot_be_deleted"
                "a_deletion_and_a_demotion_at_once_leave_an_admin"),
        fault!("a verified deletion takes any hash":
            users.expect_delete_verified |m, id, verified| {
                let stored = now(m.users.credentials(id))?;
                let verified = stored.map_or(verified, |found| found.password_hash);
                now(m.users.delete_verified(id, verified))
            },
            breaks "a_user_is_deleted_while_its_password_is_the_verified_one"
                "another_password_comes_before_the_last_admin"
                "of_a_change_of_the_password_and_a_deletion_one_succeeds"),
        fault!("the last admin comes before another password":
            users.expect_delete_verified |m, id, verified| {
                match now(m.users.delete_verified(id, verified)) {
                    Err(UserError::PasswordChanged) if admins(&m) == 1 => {
                        Err(UserError::LastAdmin { is: id })
                    }
                    answer => answer,
                }
            },
            breaks "another_password_comes_before_the_last_admin"),
    ]
}
