//! The most common passwords, which attackers try first.

use std::sync::LazyLock;

use crate::Folded;

static LIST: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("common_passwords/list.txt").lines().collect());

/// Whether this is a commonly used password, ignoring case.
pub(super) fn is_common(password: &str) -> bool {
    LIST.binary_search(&Folded::new(password).as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_long_folded_and_sorted() {
        assert!(LIST.len() >= 3000);
        assert!(LIST.is_sorted());
        for password in LIST.iter() {
            assert_eq!(Folded::new(password).as_str(), *password);
        }
    }

    #[test]
    fn case_is_ignored() {
        for password in ["password", "PassWord1", "QWERTYUIOP", "12345678", "Iloveyou"] {
            assert!(is_common(password), "{password}");
        }
        assert!(!is_common("correct horse"));
    }
}
