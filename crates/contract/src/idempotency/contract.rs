/// The clauses of this module, as data: for each the port, the file, the name and the text.
#[doc(hidden)]
#[macro_export]
macro_rules! idempotency {
    ([$($then:tt)+] $($arguments:tt)*) => {
        $($then)+! {
            $($arguments)*
            "books::insert" clauses {
                the_resource_is_returned_again_as_it_was_created
                    "MUST return `Made::Before` with the book as it was created, even if it was \
                     changed or deleted since"
                a_known_key_with_another_fingerprint_creates_nothing
                    "MUST return `KeyReused` for another fingerprint, and create nothing"
                a_failure_stores_nothing
                    "MUST store nothing under the key of a request that fails"
                a_key_is_free_again_after_its_lifetime
                    "MUST create the resource again when the key is older than its lifetime"
                of_simultaneous_requests_one_creates_the_resource
                    "MUST create the resource in exactly one of several simultaneous requests, \
                     and return it to the others"
            }
            "idempotency::purge" clauses {
                a_purge_deletes_old_keys_up_to_its_limit
                    "MUST delete at most `limit` of exactly the keys that were stored before the \
                     moment"
            }
            "users::insert" clauses {
                a_user_is_created_once_before_its_email_is_looked_up
                    "MUST honour the idempotency key before it looks for taken names"
            }
            "api_keys::insert" clauses {
                an_api_key_is_created_once_and_its_secret_returned_again
                    "MUST honour the idempotency key, and return the secret again"
            }
            "api_keys::find_created" clauses {
                what_was_created_under_a_key_is_found
                    "MUST return what was created under a key, as for invitations, until its \
                     lifetime is over, and `KeyReused` for another fingerprint"
            }
            "shelves::insert" clauses {
                a_shelf_entry_is_created_once
                    "MUST honour the idempotency key, and add the described book once"
            }
            "books::insert" durable {
                what_was_written_is_there_after_reopening
                    "MUST have stored the resource under its key durably when the write returns"
            }
        }
    };
}
