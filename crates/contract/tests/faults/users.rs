use bookshelf_contract::users::contract;
use bookshelf_domain::accounts::*;
use bookshelf_domain::{Folded, Listing, Made, Order, Repositories, Start, Version};
use bookshelf_memory::{Memory, a_user};
use chrono::SubsecRound;

use crate::plant::{Count, Fault, every_clause_is_broken, every_fault_is_found, fault, now};
use crate::user_changes;

#[tokio::test]
async fn every_fault_is_found_by_its_clauses() {
    let mut faults = inserts();
    faults.extend(reads());
    faults.extend(user_changes::updates());
    faults.extend(user_changes::passwords());
    faults.extend(user_changes::deletions());
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
pub(crate) fn all(m: &Repositories) -> Vec<User> {
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

pub(crate) fn admins(m: &Repositories) -> usize {
    all(m).iter().filter(|user| user.role == Role::Admin).count()
}

/// A session that was never opened, of a user who is not there.
pub(crate) fn anybodys(id: SessionId) -> SessionUser {
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
