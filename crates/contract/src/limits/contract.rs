/// The clauses of this module, as data: for each the port, the file, the name and the text.
#[doc(hidden)]
#[macro_export]
macro_rules! limits {
    ([$($then:tt)+] $($arguments:tt)*) => {
        $($then)+! {
            $($arguments)*
            "limits::spend" clauses {
                a_quota_is_spent_to_the_last_request
                    "MUST allow exactly the quota, and tell what remains and when the window \
                     ends"
                keys_do_not_share_a_window
                    "MUST count every key on its own"
                exactly_the_quota_is_allowed_under_concurrency
                    "MUST allow exactly the quota under any concurrency"
                a_window_ends_and_refusals_do_not_prolong_it
                    "MUST start a new window when the last one has ended, however many requests \
                     were refused in it"
            }
            "limits::refund" clauses {
                a_refund_allows_one_more_in_its_window
                    "MUST allow one more request in the same window, and not prolong it"
                a_refund_of_nothing_does_nothing
                    "MUST do nothing when no request of the key is counted"
            }
        }
    };
}
