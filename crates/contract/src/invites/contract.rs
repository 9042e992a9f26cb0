/// The clauses of this module, as data: for each the port, the file, the name and the text.
#[doc(hidden)]
#[macro_export]
macro_rules! invites {
    ([$($then:tt)+] $($arguments:tt)*) => {
        $($then)+! {
            $($arguments)*
            "invites::insert" clauses {
                an_invitation_of_nobody_is_refused
                    "MUST return `NotFound` when its creator does not exist"
                an_invitation_is_created_once_and_its_token_returned_again
                    "MUST honour the idempotency key, and return the token again"
            }
            "invites::find_by_digest" clauses {
                an_invitation_is_found_by_its_digest
                    "MUST return the invitation with this digest as it was created, and `None` \
                     for any other digest"
            }
            "invites::list" clauses {
                invitations_are_listed_in_pages
                    "MUST return pages of all invitations in the order of the sort, under the \
                     clauses of lists"
            }
            "invites::delete" clauses {
                a_deleted_invitation_is_gone
                    "MUST delete the invitation, and return false when there is none with this \
                     id"
            }
            "invites::accept" clauses {
                an_accepted_invitation_gives_its_role_and_notes_its_user
                    "MUST add the user with the role of the invitation, and note the user in it"
                an_invitation_is_accepted_only_once
                    "MUST return `Invalid` for an invitation that was used"
                an_invitation_that_is_not_valid_is_refused_before_a_taken_name
                    "MUST return `Invalid` before the errors of a taken name, when it has \
                     expired, is for another email, or does not exist"
                a_refused_user_does_not_use_the_invitation
                    "MUST NOT use the invitation when the user is refused"
                an_invitation_of_a_former_admin_is_refused
                    "MUST return `Invalid` while its creator is not an admin"
                a_retry_gets_the_user_although_the_invitation_was_used
                    "MUST honour the user's idempotency key before it looks at the invitation"
                of_simultaneous_registrations_with_one_invitation_one_succeeds
                    "MUST let exactly one of several simultaneous calls with one invitation \
                     succeed"
                a_registration_and_a_demotion_of_the_creator_do_not_wait_for_each_other_forever
                    "MUST return while the creator is deleted, whose email the new user takes"
            }
            "users::delete" clauses {
                invitations_go_with_their_creator_and_outlive_their_user
                    "MUST delete the invitations that the user created, and forget the user in \
                     those that it used"
            }
            "invites::purge" clauses {
                a_purge_takes_what_ended_before_up_to_its_limit
                    "MUST delete at most `limit` of exactly the invitations that were used or \
                     expired before the moment"
            }
            "invites::insert" durable {
                what_was_written_is_there_after_reopening
                    "MUST have stored invitations and their use durably when the write returns"
            }
        }
    };
}
