/// The clauses of this module, as data: for each the port, the file, the name and the text.
#[doc(hidden)]
#[macro_export]
macro_rules! users {
    ([$($then:tt)+] $($arguments:tt)*) => {
        $($then)+! {
            $($arguments)*
            "users::insert" insert {
                a_new_user_has_version_one
                    "MUST add the user with the given fields, version 1 and `at` as both of its \
                     times"
                an_email_is_taken_in_every_case
                    "MUST return `EmailTaken` with the id of the user whose email has the same \
                     folded form"
                a_username_is_taken_in_every_case
                    "MUST return `UsernameTaken` with the id of the user whose username has the \
                     same folded form"
                a_taken_email_comes_before_a_taken_username
                    "MUST return `EmailTaken` before `UsernameTaken`"
                many_users_may_have_no_username
                    "MUST allow any number of users without a username"
                of_simultaneous_inserts_of_one_email_one_succeeds
                    "MUST let exactly one of several simultaneous inserts of one email succeed"
                of_simultaneous_inserts_of_one_username_one_succeeds
                    "MUST let exactly one of several simultaneous inserts of one username \
                     succeed"
            }
            "users::find" find {
                a_user_comes_back_as_it_was_made
                    "MUST return a user as it was made, to the byte and the microsecond"
                there_is_no_user_where_none_was_made
                    "MUST return `None` for an id and an email that no user has"
                a_user_is_found_by_its_email_in_every_case
                    "MUST find a user by the folded form of the whole email"
                the_password_hash_comes_back_to_the_byte
                    "MUST return the password hash as it was stored, to the byte"
            }
            "users::list" list {
                parts_of_email_username_and_name_are_found
                    "MUST find a user by any part of the folded email, username or name, without \
                     wildcards"
                roles_are_told_apart
                    "MUST return only users with the role of the filter"
                emails_are_ordered_by_their_folded_form
                    "MUST order emails by their folded form, in both directions"
                users_are_ordered_by_when_they_were_made_and_then_by_id
                    "MUST order by the time at which users were made, and equal times by id"
                a_page_is_never_longer_than_its_limit_and_says_whether_more_follow
                    "MUST return at most `limit` users, and set `has_next` exactly when more \
                     follow"
                totals_are_given_where_they_are_asked_for
                    "MUST count exactly when `count` is set"
                every_walk_gives_every_user_once
                    "MUST return every user once to who reads page after page"
                a_position_needs_no_user
                    "MUST return what follows a position that no user ever had"
            }
            "users::update" update {
                only_what_the_patch_names_changes
                    "MUST set or clear exactly the fields that the patch names"
                a_change_raises_the_version_and_sets_the_time
                    "MUST increase the version by one and set `updated_at`, and keep \
                     `created_at`"
                a_patch_that_changes_nothing_leaves_version_and_time_alone
                    "MUST keep version and `updated_at` when the patch changes nothing"
                a_missing_user_is_told_before_a_stale_version
                    "MUST return `NotFound` before `Stale`"
                a_stale_version_comes_before_a_taken_username
                    "MUST return `Stale` before `UsernameTaken`, and change nothing then"
                a_taken_username_changes_nothing
                    "MUST return `UsernameTaken` with the id of the user who has it, and change \
                     nothing"
                a_username_may_change_its_case
                    "MUST let a user change the case of its own username"
                a_username_that_was_given_up_is_free
                    "MUST accept a username that another user had before"
                the_access_epoch_rises_exactly_when_the_role_changes
                    "MUST increase the access epoch exactly when the role changes"
                the_last_admin_cannot_be_demoted
                    "MUST return `LastAdmin` with the id of the user when no admin would be left"
                simultaneous_demotions_leave_an_admin
                    "MUST leave an admin under simultaneous demotions"
                of_simultaneous_updates_of_one_version_one_succeeds
                    "MUST let exactly one of several simultaneous updates that expect one version \
                     succeed"
                of_simultaneous_claims_of_one_username_one_succeeds
                    "MUST let exactly one of several users take a username that they are given \
                     simultaneously"
            }
            "users::set_password" set_password {
                the_new_hash_takes_the_place_of_the_old_one
                    "MUST replace the password hash of this user and of no other"
                the_resource_stays_as_it_is
                    "MUST keep the version, because the password is not a part of the resource"
                every_other_live_session_ends
                    "MUST end every live session of the user except `keep`"
                every_live_session_ends_when_none_is_kept
                    "MUST end every live session of the user when none is kept"
                there_is_no_password_without_a_user
                    "MUST return `NotFound` when there is no such user"
                a_change_from_a_hash_that_is_gone_changes_nothing
                    "MUST return `PasswordChanged` when `verified` is not the user's hash any \
                     more, and change nothing"
                of_simultaneous_changes_from_one_hash_one_succeeds
                    "MUST let exactly one of several simultaneous changes with one `verified` \
                     succeed"
                who_opens_a_session_meanwhile_sees_the_new_hash_or_has_it_ended
                    "MUST end every session that was opened before the new hash could be seen"
            }
            "users::replace_hash" set_password {
                another_hash_of_the_same_password_changes_nothing_else
                    "MUST replace the hash, and keep the user and the sessions"
                a_hash_that_was_replaced_meanwhile_stays
                    "MUST do nothing when `old` is not the user's hash any more"
            }
            "users::slowest_hash" set_password {
                the_slowest_hash_has_the_highest_cost
                    "MUST return a hash of the highest cost, or `None` without users"
            }
            "users::shorten_shelf" delete {
                a_long_shelf_is_shortened_by_its_oldest_entries
                    "MUST delete the oldest `most` entries if there are more, subtract their \
                     ratings, and tell whether it did"
                a_shelf_is_not_shortened_where_the_deletion_is_refused
                    "MUST refuse a user whose deletion is refused, with the same error, and \
                     delete nothing then"
            }
            "users::delete" delete {
                a_deleted_user_is_gone
                    "MUST delete this user and no other, and free its email and username"
                its_sessions_go_with_it
                    "MUST delete the user's sessions with their tokens, and no others"
                its_books_stay
                    "MUST keep the books of the catalogue"
                a_missing_user_comes_before_a_stale_version
                    "MUST return `NotFound` before `Stale`"
                a_stale_version_comes_before_the_last_admin
                    "MUST return `Stale` before `LastAdmin`, and delete nothing then"
                the_last_admin_cannot_be_deleted
                    "MUST return `LastAdmin` with the id of the user when no admin would be left"
                simultaneous_deletions_leave_an_admin
                    "MUST leave an admin under simultaneous deletions"
                a_deletion_and_a_demotion_at_once_leave_an_admin
                    "MUST leave an admin when one is deleted and another demoted simultaneously"
                a_session_is_never_opened_for_a_user_deleted_meanwhile
                    "MUST leave no session of a user who is deleted while sessions are opened"
            }
            "users::delete_verified" delete {
                a_user_is_deleted_while_its_password_is_the_verified_one
                    "MUST delete the user only while `verified` is its password hash, and return \
                     `NotFound` after that"
                another_password_comes_before_the_last_admin
                    "MUST return `PasswordChanged` before `LastAdmin`, and delete nothing then"
                of_a_change_of_the_password_and_a_deletion_one_succeeds
                    "MUST let either a change of the password or a deletion with one `verified` \
                     succeed"
            }
            "users::insert" durable {
                what_was_written_is_there_after_reopening
                    "MUST have stored users and their password hashes durably when the write \
                     returns"
            }
        }
    };
}
