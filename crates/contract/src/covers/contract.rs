/// The clauses of this module, as data: for each the port, the file, the name and the text.
#[doc(hidden)]
#[macro_export]
macro_rules! covers {
    ([$($then:tt)+] $($arguments:tt)*) => {
        $($then)+! {
            $($arguments)*
            "covers::put" clauses {
                an_image_is_got_as_it_was_put
                    "MUST store both images under their name, which `get` returns to the byte"
            }
            "covers::delete" clauses {
                what_was_deleted_or_never_there_is_none
                    "MUST delete both images, succeed when there are none, and keep all others"
            }
            "covers::list" clauses {
                a_part_names_its_covers_once
                    "MUST name exactly the covers of the part, each once"
            }
            "covers::put" durable {
                what_was_written_is_there_after_reopening
                    "MUST have stored both images durably when it returns"
            }
        }
    };
}
