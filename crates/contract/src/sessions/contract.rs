/// The clauses of this module, as data: for each the port, the file, the name and the text.
#[doc(hidden)]
#[macro_export]
macro_rules! sessions {
    ([$($then:tt)+] $($arguments:tt)*) => {
        $($then)+! {
            $($arguments)*
            "sessions::open" open {
                a_session_comes_back_as_it_was_opened
                    "MUST return a session as it was opened, to the byte and the microsecond, \
                     with its user"
                no_session_is_opened_without_a_user
                    "MUST return `None` when the user does not exist (any more)"
            }
            "sessions::find" open {
                there_is_no_session_where_none_was_opened
                    "MUST return `None` for an id that no session has"
                a_session_comes_with_its_user_as_it_is_now
                    "MUST return the user as it is now"
            }
            "sessions::list_live" open {
                the_live_sessions_are_listed_the_one_used_last_first
                    "MUST return exactly the live sessions of the user, the one used last first"
            }
            "sessions::rotate" rotate {
                the_live_token_is_spent_and_its_successor_lives
                    "MUST return `Fresh` for the live token, set `last_used_at` and `idle_until`, \
                     and accept the successor next"
                the_token_spent_last_gives_the_same_successor_within_the_grace
                    "MUST return `Again` with the stored salt for the token spent last within the \
                     grace, and change nothing"
                after_the_grace_a_spent_token_ends_the_session
                    "MUST return `Reused` for a spent token when the grace is over, and end the \
                     session"
                without_a_grace_a_spent_token_ends_the_session_at_once
                    "MUST return `Reused` for a spent token at once when there is no grace"
                an_older_spent_token_ends_the_session_even_within_the_grace
                    "MUST return `Reused` for a token whose successor is spent, even within the \
                     grace"
                a_token_of_an_ended_session_is_ended
                    "MUST return `Ended` for every token of a session that has ended, and change \
                     nothing"
                a_token_of_a_session_past_its_limits_is_expired
                    "MUST return `Expired` for every token of a session that is past one of its \
                     limits, and change nothing"
                a_token_that_nobody_was_given_is_unknown
                    "MUST return `Unknown` for a token that no session has, and change nothing"
                reuse_ends_its_own_session_alone
                    "MUST NOT end another session of the user when a token is reused"
                of_simultaneous_rotations_of_one_token_one_is_fresh
                    "MUST return `Fresh` to exactly one of several simultaneous rotations, and \
                     `Again` with its salt to the others"
                of_simultaneous_rotations_without_a_grace_one_is_fresh
                    "MUST return `Fresh` to exactly one of several simultaneous rotations without \
                     a grace, and end the session once"
            }
            "sessions::end" end {
                a_session_ends_once
                    "MUST end a live session, and return false when it is not live (any more)"
                only_its_owner_can_end_a_session
                    "MUST return false for a session of another user, and not end it"
                a_session_past_its_limits_cannot_be_ended
                    "MUST return false for a session that is past its limits"
                of_simultaneous_ends_one_counts
                    "MUST return true to exactly one of several simultaneous calls"
            }
            "sessions::end_all" end {
                every_live_session_of_a_user_ends_together
                    "MUST end every live session of this user and no other, and return how many \
                     there were"
            }
            "sessions::end_by_token" end {
                a_refresh_token_ends_its_session_spent_or_not
                    "MUST end the session of a token, spent or not, and return it"
                what_has_ended_cannot_be_ended_by_a_token
                    "MUST return `Unknown`, `Expired` and `Ended` as `rotate` does, and change \
                     nothing then"
            }
            "sessions::purge" purge {
                only_sessions_dead_since_before_are_forgotten
                    "MUST delete exactly the sessions that ended or expired before the moment"
                tokens_are_forgotten_with_their_session
                    "MUST delete the tokens with their session"
                a_purge_takes_no_more_than_its_limit
                    "MUST delete at most `limit` sessions, and return how many there were"
            }
            "sessions::open" durable {
                what_was_written_is_there_after_reopening
                    "MUST have stored sessions, their rotation and their end durably when the \
                     write returns"
            }
        }
    };
}
