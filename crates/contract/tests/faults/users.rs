use std::sync::Mutex;

use bookshelf_contract::users::contract;
use bookshelf_domain::accounts::*;
use bookshelf_domain::books::{BookId, WhenShelved};
use bookshelf_domain::shelves::ShelfEntryId;
use bookshelf_domain::{
    Change, Expected, Folded, Listing, Made, Order, Repositories, Start, Version,
};
use bookshelf_memory::{Memory, a_user};
use chrono::{SubsecRound, TimeDelta};

use crate::plant::{Count, Fault, every_clause_is_broken, every_fault_is_found, fault, now};

#[tokio::test]
async fn every_fault_is_found_by_its_clauses() {
    let mut faults = inserts();
    faults.extend(reads());
    faults.extend(updates());
    faults.extend(passwords());
    faults.extend(deletions());
    every_fault_is_found(contract(), &faults, &[]).await;
    every_clause_is_broken(&contract(), &faults);
}

/// Answers with another user than the one that was made.
fn made(made: Made<User>, change: impl FnOnce(&mut User)) -> Made<User> {
    let mut user = made.into_inner();
    change(&mut user);
    Made::Now(user)
}

/// All users, by id.
fn all(m: &Repositories) -> Vec<User> {
    let query = UserQuery {
        filter: UserFilter::default(),
        sort: UserSort::CreatedAt,
        order: Order::Ascending,
        start: Start::Offset(0),
        limit: 1000,
        count: false,
    };
    now(m.users.list(query)).unwrap().items
}

fn admins(m: &Repositories) -> usize {
    all(m).iter().filter(|user| user.role == Role::Admin).count()
}

/// A session that was never opened, of a user who is not there.
fn anybodys(id: SessionId) -> SessionUser {
    let user = now(Memory::new().repositories().users.insert(a_user().build())).unwrap();
    let user = user.into_inner();
    SessionUser { session: crate::sessions::session(id, user.id, user.created_at), user }
}

fn only(listing: Listing<User>, is_found: impl Fn(&User) -> bool) -> Listing<User> {
    Listing { items: listing.items.into_iter().filter(is_found).collect(), ..listing }
}

fn inserts() -> Vec<Fault> {
    vec![
        fault!("a new user is answered with version 0": users.expect_insert |m, new|
            now(m.users.insert(new)).map(|it| made(it, |user| user.version = Version::new(0))),
            breaks
                "a_new_user_has_version_one"
                "a_user_comes_back_as_it_was_made"
                "a_user_is_found_by_its_email_in_every_case"
                "the_password_hash_comes_back_to_the_byte"
                "a_patch_that_changes_nothing_leaves_version_and_time_alone"
                "a_stale_version_comes_before_a_taken_username"
                "a_taken_username_changes_nothing"
                "the_last_admin_cannot_be_demoted"
                "the_resource_stays_as_it_is"
                "another_hash_of_the_same_password_changes_nothing_else"
                "a_deleted_user_is_gone"
                "a_stale_version_comes_before_the_last_admin"
                "the_last_admin_cannot_be_deleted"
                "a_user_is_deleted_while_its_password_is_the_verified_one"
                "another_password_comes_before_the_last_admin"),
        fault!("an email is taken in one case alone": users.expect_insert |m, new| {
                let email = new.email.clone();
                let same = |user: &User| user.email == email;
                match now(m.users.insert(new)) {
                    Err(UserError::EmailTaken { by }) if !all(&m).iter().any(same) => {
                        Err(UserError::UsernameTaken { by })
                    }
                    answer => answer,
                }
            },
            breaks
                "an_email_is_taken_in_every_case"
                "a_taken_email_comes_before_a_taken_username"
                "of_simultaneous_inserts_of_one_email_one_succeeds"),
        fault!("a username is taken in one case alone": users.expect_insert |m, mut new| {
                let name = new.username.as_ref().map(Username::as_str);
                let same = |user: &User| user.username.as_ref().map(Username::as_str) == name;
                if !all(&m).iter().any(same) {
                    let taken = all(&m).iter().any(|user| {
                        user.username.as_ref().map(Username::folded)
                            == new.username.as_ref().map(Username::folded)
                    });
                    if taken {
                        new.username = None;
                    }
                }
                now(m.users.insert(new))
            },
            breaks
                "a_username_is_taken_in_every_case"
                "of_simultaneous_inserts_of_one_username_one_succeeds"),
        fault!("a taken username comes first": users.expect_insert |m, new| {
                let name = new.username.as_ref().map(Username::folded);
                let holder = all(&m).into_iter().find(|user| {
                    name.is_some() && user.username.as_ref().map(Username::folded) == name
                });
                match holder {
                    Some(holder) => Err(UserError::UsernameTaken { by: holder.id }),
                    None => now(m.users.insert(new)),
                }
            },
            breaks "a_taken_email_comes_before_a_taken_username"),
        fault!("only one user has no username": users.expect_insert |m, new| {
                let nameless = all(&m).into_iter().find(|user| user.username.is_none());
                match nameless {
                    Some(holder) if new.username.is_none() => {
                        Err(UserError::UsernameTaken { by: holder.id })
                    }
                    _ => now(m.users.insert(new)),
                }
            },
            breaks
                "an_email_is_taken_in_every_case"
                "many_users_may_have_no_username"
                "of_simultaneous_inserts_of_one_email_one_succeeds"
                "a_user_is_found_by_its_email_in_every_case"
                "roles_are_told_apart"
                "emails_are_ordered_by_their_folded_form"
                "users_are_ordered_by_when_they_were_made_and_then_by_id"
                "a_page_is_never_longer_than_its_limit_and_says_whether_more_follow"
                "totals_are_given_where_they_are_asked_for"
                "every_walk_gives_every_user_once"
                "a_position_needs_no_user"
                "the_access_epoch_rises_exactly_when_the_role_changes"
                "the_last_admin_cannot_be_demoted"
                "simultaneous_demotions_leave_an_admin"
                "of_simultaneous_claims_of_one_username_one_succeeds"
                "the_new_hash_takes_the_place_of_the_old_one"
                "every_other_live_session_ends"
                "the_slowest_hash_has_the_highest_cost"
                "a_long_shelf_is_shortened_by_its_oldest_entries"
                "its_sessions_go_with_it"
                "the_last_admin_cannot_be_deleted"
                "simultaneous_deletions_leave_an_admin"
                "a_deletion_and_a_demotion_at_once_leave_an_admin"
                "of_a_change_of_the_password_and_a_deletion_one_succeeds"),
        fault!("the fifth refusal of an email is forgotten": users.expect_insert |m, new|
            @refused = Count::default();
                match now(m.users.insert(new)) {
                    Err(UserError::EmailTaken { by }) if refused.reaches(5) => {
                        Ok(Made::Now(now(m.users.find(by))?.unwrap()))
                    }
                    answer => answer,
                },
            breaks "of_simultaneous_inserts_of_one_email_one_succeeds"),
        fault!("the fifth refusal of a username is forgotten": users.expect_insert |m, new|
            @refused = Count::default();
                match now(m.users.insert(new)) {
                    Err(UserError::UsernameTaken { by }) if refused.reaches(5) => {
                        Ok(Made::Now(now(m.users.find(by))?.unwrap()))
                    }
                    answer => answer,
                },
            breaks "of_simultaneous_inserts_of_one_username_one_succeeds"),
    ]
}

fn reads() -> Vec<Fault> {
    vec![
        fault!("times are cut to milliseconds": users.expect_insert |m, new| {
                let at = new.at;
                let answer = now(m.users.insert(NewUser { at: at.trunc_subsecs(3), ..new }))?;
                Ok(made(answer, |user| (user.created_at, user.updated_at) = (at, at)))
            },
            breaks "a_user_comes_back_as_it_was_made"),
        fault!("a negative id is taken for a positive one": users.expect_find |m, id|
            now(m.users.find(UserId::new(id.get().saturating_abs()))),
            breaks "there_is_no_user_where_none_was_made"),
        fault!("an email is found in one case alone": users.expect_find_by_email |m, email|
            now(m.users.find_by_email(email.clone()))
                .map(|found| found.filter(|found| found.user.email == email)),
            breaks "a_user_is_found_by_its_email_in_every_case"),
        fault!("quotation marks in a hash are lost": users.expect_credentials |m, id|
            now(m.users.credentials(id)).map(|found| found.map(|found| StoredCredentials {
                password_hash: PasswordHash::new(found.password_hash.expose().replace('"', "")),
                ..found
            })),
            breaks "the_password_hash_comes_back_to_the_byte"),
        fault!("a search does not look into names": users.expect_list |m, query| {
                let part = query.filter.search.clone();
                let listing = now(m.users.list(query))?;
                let Some(part) = part else { return Ok(listing) };
                let has = |text: &str| Folded::new(text).as_str().contains(part.as_str());
                Ok(only(listing, |user| {
                    let username = user.username.as_ref().map(Username::as_str);
                    has(user.email.as_str()) || username.is_some_and(has)
                }))
            },
            breaks "parts_of_email_username_and_name_are_found"),
        fault!("a role is not looked at beside a search": users.expect_list |m, mut query| {
                if query.filter.search.is_some() {
                    query.filter.role = None;
                }
                now(m.users.list(query))
            },
            breaks "roles_are_told_apart"),
        fault!("emails are ordered by code point": users.expect_list |m, query| {
                let (sort, order) = (query.sort, query.order);
                let mut listing = now(m.users.list(query))?;
                if sort == UserSort::Email && order == Order::Ascending {
                    listing.items.sort_by_key(|user| user.email.as_str().to_owned());
                }
                Ok(listing)
            },
            breaks
                "emails_are_ordered_by_their_folded_form"
                "every_walk_gives_every_user_once"),
        fault!("users are ordered by id": users.expect_list |m, query| {
                let sorted = (query.sort, query.order) == (UserSort::CreatedAt, Order::Ascending);
                let mut listing = now(m.users.list(query))?;
                if sorted {
                    listing.items.sort_by_key(|user| user.id);
                }
                Ok(listing)
            },
            breaks "users_are_ordered_by_when_they_were_made_and_then_by_id"),
        fault!("a full page says that more follow": users.expect_list |m, query| {
                let limit = query.limit as usize;
                let mut listing = now(m.users.list(query))?;
                listing.has_next |= listing.items.len() == limit;
                Ok(listing)
            },
            breaks "a_page_is_never_longer_than_its_limit_and_says_whether_more_follow"),
        fault!("a total is given unasked": users.expect_list |m, mut query| {
                query.count = true;
                now(m.users.list(query))
            },
            breaks "totals_are_given_where_they_are_asked_for"),
        fault!("the second page forgets the search": users.expect_list |m, mut query| {
                if query.start != Start::Offset(0) {
                    query.filter.search = None;
                }
                now(m.users.list(query))
            },
            breaks "every_walk_gives_every_user_once"),
        fault!("a position before every id is the beginning": users.expect_list |m, mut query| {
                if matches!(&query.start, Start::After(position) if position.id.get() == 0) {
                    query.start = Start::Offset(0);
                }
                now(m.users.list(query))
            },
            breaks "a_position_needs_no_user"),
    ]
}

fn updates() -> Vec<Fault> {
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

fn passwords() -> Vec<Fault> {
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

fn deletions() -> Vec<Fault> {
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
