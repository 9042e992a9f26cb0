//! Days as other programs and spreadsheets write them.

use chrono::{Days, NaiveDate};

/// Whether the day or the month comes first in a file, as in `31/12/2023` or `12/31/2023`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct DateOrder {
    day_first: bool,
    month_first: bool,
}

impl DateOrder {
    /// Takes the dates of a cell as evidence, if they can be read in one order only.
    pub(super) fn observe(&mut self, text: &str) {
        scan(text, |first, second, _| {
            self.day_first |= first > 12 && second <= 12;
            self.month_first |= second > 12 && first <= 12;
            None
        });
    }

    /// The date with these two numbers for day and month, or `None` if the order is not known.
    fn date(self, first: u32, second: u32, year: i32) -> Option<NaiveDate> {
        let day_first = NaiveDate::from_ymd_opt(year, second, first);
        let month_first = NaiveDate::from_ymd_opt(year, first, second);
        match (day_first, month_first) {
            (Some(one), Some(other)) if one != other => match self {
                Self { day_first: true, month_first: false } => Some(one),
                Self { day_first: false, month_first: true } => Some(other),
                _ => None,
            },
            (one, other) => one.or(other),
        }
    }
}

/// The dates in a cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Dates {
    /// In their order in the cell.
    pub(super) days: Vec<NaiveDate>,
    /// Whether a date could be two days, depending on the order of day and month.
    pub(super) is_ambiguous: bool,
    /// Whether the cell has only a year, or a year and a month.
    pub(super) is_partial: bool,
}

/// Reads the dates in a text such as `2025/06/01-2025/06/10`, `[2006-08-09]`, `2021-01-19T22:41`,
/// `31.12.2023` or `45291`, which is a day as spreadsheets count it.
pub(super) fn read(text: &str, order: DateOrder) -> Dates {
    let mut dates = Dates::default();
    dates.days = scan(text, |first, second, year| {
        let date = order.date(first, second, year);
        dates.is_ambiguous |=
            date.is_none() && (1..=12).contains(&first) && (1..=12).contains(&second);
        date
    });
    if dates.days.is_empty() && !dates.is_ambiguous {
        let text = text.trim().trim_matches(['[', ']']).trim();
        dates.days.extend(serial_day(text));
        dates.is_partial = is_partial(text);
    }
    dates
}

/// Finds the dates in a text. `resolve` decides about two numbers that come before a year.
fn scan(text: &str, mut resolve: impl FnMut(u32, u32, i32) -> Option<NaiveDate>) -> Vec<NaiveDate> {
    let mut days = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find(|c: char| c.is_ascii_digit()) {
        rest = &rest[place..];
        let found = if let Some(([year, month, day], length)) = numbers(rest, [4, 2, 2]) {
            Some((NaiveDate::from_ymd_opt(signed(year), month, day), length))
        } else {
            numbers(rest, [2, 2, 4]).map(|([first, second, year], length)| {
                (resolve(first, second, signed(year)), length)
            })
        };
        match found {
            Some((date, length)) => {
                days.extend(date);
                rest = &rest[length..];
            }
            None => rest = rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        }
    }
    days
}

fn signed(year: u32) -> i32 {
    i32::try_from(year).unwrap_or(i32::MAX)
}

/// Three numbers of so many digits at the start of the text, and the length that they take. A month
/// or a day may have one digit. The separator is the same in both places.
fn numbers(text: &str, digits: [usize; 3]) -> Option<([u32; 3], usize)> {
    let (first, rest) = number(text, digits[0])?;
    let separator = rest.chars().next().filter(|c| matches!(c, '/' | '-' | '.'))?;
    let (second, rest) = number(&rest[1..], digits[1])?;
    let (third, rest) = number(rest.strip_prefix(separator)?, digits[2])?;
    Some(([first, second, third], text.len() - rest.len()))
}

/// The number at the start of the text, and the rest of it.
fn number(text: &str, digits: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let fits = length == digits || (digits == 2 && length == 1);
    Some((text[..length].parse().ok().filter(|_| fits)?, &text[length..]))
}

/// A day from 1927 to 2173 as spreadsheets count it: the number of days since 1899-12-30, in five
/// digits. A fraction is the time of day.
fn serial_day(text: &str) -> Option<NaiveDate> {
    let (days, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let days = days.parse().ok().filter(|_| days.len() == 5 && is_number(days))?;
    let day = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days));
    day.filter(|_| days >= 10_000 && is_number(fraction))
}

/// Whether a text is a year, or a year and a month, or has zeros for the day and perhaps the month.
fn is_partial(text: &str) -> bool {
    let parts: Vec<_> = text.split(['-', '/', '.']).map(str::trim).collect();
    let is_year = |text: &str| number(text, 4).is_some_and(|(_, rest)| rest.is_empty());
    let is_month =
        |text: &str| number(text, 2).is_some_and(|(month, rest)| month <= 12 && rest.is_empty());
    match parts[..] {
        [year] => is_year(year),
        [one, other] => is_year(one) && is_month(other) || is_month(one) && is_year(other),
        [year, month, "0" | "00"] => is_year(year) && is_month(month),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UNKNOWN: DateOrder = DateOrder { day_first: false, month_first: false };
    const DAY_FIRST: DateOrder = DateOrder { day_first: true, month_first: false };
    const MONTH_FIRST: DateOrder = DateOrder { day_first: false, month_first: true };

    fn found(text: &str, order: DateOrder) -> Vec<String> {
        read(text, order).days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn dates_are_found_in_several_forms() {
        for (text, expected) in [
            ("2025/06/01-2025/06/10", &["2025-06-01", "2025-06-10"][..]),
            ("2025-06-01-2025-06-10", &["2025-06-01", "2025-06-10"]),
            ("[2006-08-09]", &["2006-08-09"]),
            ("2021-01-19T22:41:16+01:00", &["2021-01-19"]),
            ("2020/1/9", &["2020-01-09"]),
            ("2020.01.09", &["2020-01-09"]),
            ("12/31/2023", &["2023-12-31"]),
            ("31.12.2023", &["2023-12-31"]),
            ("5/5/2023", &["2023-05-05"]),
            ("45291", &["2023-12-31"]),
            ("45291.75", &["2023-12-31"]),
        ] {
            assert_eq!(found(text, UNKNOWN), expected, "{text}");
        }
        for text in
            ["", "2020", "2020/05", "2020/13/01", "20200102", "2020/02-03", "32/13/2020", "4529"]
        {
            assert_eq!(found(text, UNKNOWN), [""; 0], "{text}");
        }
    }

    #[test]
    fn an_ambiguous_date_needs_evidence() {
        assert!(read("01/02/2020", UNKNOWN).is_ambiguous);
        assert_eq!(found("01/02/2020", DAY_FIRST), ["2020-02-01"]);
        assert_eq!(found("01/02/2020", MONTH_FIRST), ["2020-01-02"]);
        let mut order = DateOrder::default();
        order.observe("3/4/2020");
        assert_eq!(order, UNKNOWN);
        order.observe("31/4/2020");
        assert_eq!(order, DAY_FIRST);
        order.observe("4/31/2020");
        assert!(read("01/02/2020", order).is_ambiguous);
        assert_eq!(found("12/31/2023", order), ["2023-12-31"]);
    }

    #[test]
    fn a_date_without_a_day_is_partial() {
        for text in ["2006", "2006-08", "[2006-8]", "08/2006", "2006-08-00", "2006-00-00"] {
            assert!(read(text, UNKNOWN).is_partial, "{text}");
        }
        for text in ["", "soon", "2006-13", "20", "2006-08-09", "45291", "1-2"] {
            assert!(!read(text, UNKNOWN).is_partial, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "[/.,\\[a-c0-9é -]{0,30}") {
            let mut order = DateOrder::default();
            order.observe(&text);
            read(&text, order);
        }
    }
}
