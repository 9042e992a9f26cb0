/// Ends the clause unless the condition holds. The message says what was seen.
macro_rules! ensure {
    ($condition:expr $(,)?) => {
        if !$condition {
            $crate::saw::broken(concat!("that this does not hold: ", stringify!($condition)));
        }
    };
    ($condition:expr, $($saw:tt)+) => {
        if !$condition {
            $crate::saw::broken(format!($($saw)+));
        }
    };
}

/// Ends the clause unless what was seen equals what is due.
macro_rules! ensure_eq {
    ($seen:expr, $due:expr $(,)?) => {
        match (&$seen, &$due) {
            (seen, due) => if *seen != *due {
                $crate::saw::broken(format!("{seen:?}, not {due:?}"));
            }
        }
    };
    ($seen:expr, $due:expr, $($about:tt)+) => {
        match (&$seen, &$due) {
            (seen, due) => if *seen != *due {
                $crate::saw::broken(format!("{seen:?}, not {due:?}: {}", format!($($about)+)));
            }
        }
    };
}

/// Ends the clause unless what was seen differs from the other.
macro_rules! ensure_ne {
    ($seen:expr, $other:expr $(,)?) => {
        match (&$seen, &$other) {
            (seen, other) => {
                if *seen == *other {
                    $crate::saw::broken(format!("{seen:?} twice"));
                }
            }
        }
    };
}

/// Ends the clause with what was seen.
macro_rules! broken {
    ($($saw:tt)+) => {
        $crate::saw::broken(format!($($saw)+))
    };
}

pub(crate) use {broken, ensure, ensure_eq, ensure_ne};

/// Makes the list of a module's clauses from the macro that names them.
macro_rules! clauses {
    ($($port:literal $module:ident { $($name:ident $text:literal)+ })+) => {
        $crate::Contract::new(vec![$($(
            $crate::Clause::new($port, stringify!($name), $text, |store| {
                Box::pin($module::$name(store))
            }),
        )+)+])
    };
}

pub(crate) use clauses;

/// Makes a test of each clause of a module, which has the name of the clause.
///
/// ```
/// # mod tests {
/// use bookshelf_contract::Fixture;
/// use bookshelf_memory::Memory;
///
/// bookshelf_contract::tests!(
///     #[tokio::test]
///     books,
///     || async { Fixture::new(Memory::new().repositories()) },
///     skip "no_character_is_too_strange" because "our text index knows assigned characters only",
/// );
/// # }
/// ```
///
/// The attribute is that of any runtime: it makes a test of an async function. The factory is
/// called for each test, and returns a future of a [`Fixture`](crate::Fixture) or of an `Option` of
/// one. With `None`, for example without a server to test on, the test prints that it was skipped.
/// A test fails if the clause is broken, and if a clause to skip does not exist.
#[macro_export]
macro_rules! tests {
    ($(#[$($test:tt)+])+ $module:ident, $factory:expr
     $(, skip $name:literal because $reason:literal)* $(,)?) => {
        $crate::$module! {
            [$crate::__tests] [$(#[$($test)+])+] $module ($factory) (&[$(($name, $reason)),*])
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ($attributes:tt $of:ident $factory:tt $skipped:tt
     $($port:literal $module:ident { $($name:ident $text:literal)+ })+) => {
        $($($crate::__tests! { @one $attributes $of $factory $skipped $name })+)+
    };
    (@one [$($attribute:tt)+] $of:ident ($factory:expr) ($skipped:expr) $name:ident) => {
        $($attribute)+
        async fn $name() {
            $crate::$of::contract().skip_all($skipped).test(stringify!($name), $factory).await;
        }
    };
}
