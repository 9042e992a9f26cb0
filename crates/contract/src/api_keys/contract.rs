/// The clauses of this module, as data: for each the port, the file, the name and the text.
#[doc(hidden)]
#[macro_export]
macro_rules! api_keys {
    ([$($then:tt)+] $($arguments:tt)*) => {
        $($then)+! {
            $($arguments)*
            "api_keys::insert" clauses {
                a_key_of_nobody_is_refused
                    "MUST return `NotFound` when the user does not exist"
                a_user_has_a_bounded_number_of_keys
                    "MUST return `TooMany` when the user has `ApiKey::MAX` keys, under any \
                     concurrency"
                keys_go_with_their_user
                    "MUST return `Made::Now` for a new key, which is deleted with its user"
            }
            "api_keys::find_by_prefix" clauses {
                a_key_is_found_by_its_prefix_with_its_user
                    "MUST find a key by its whole prefix, with its digest and its user"
            }
            "api_keys::list" clauses {
                keys_are_listed_for_their_user_the_newest_first
                    "MUST return the keys of this user alone, the newest first"
            }
            "api_keys::delete" clauses {
                only_its_user_deletes_a_key
                    "MUST delete a key of this user, and return false when the user has no such \
                     key"
            }
            "api_keys::touch" clauses {
                a_use_is_remembered_and_a_gone_key_left_alone
                    "MUST record the use of a key, and do nothing when the key does not exist"
            }
            "api_keys::insert" durable {
                what_was_written_is_there_after_reopening
                    "MUST have stored keys and their deletion durably when the write returns"
            }
        }
    };
}
