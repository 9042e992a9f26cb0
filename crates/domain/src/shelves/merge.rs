use crate::shelves::{ReadingDate, ReadingStatus, ShelfFields};

impl ShelfFields {
    /// Adds the fields of an imported entry to these.
    ///
    /// - The status is taken from the newer entry: the one with the later last day or, if the days
    ///   do not decide, the one that has advanced further.
    /// - Empty fields are filled. No field is cleared or overwritten.
    /// - A day that would put the end before the start is left out.
    ///
    /// Merging the same entry again changes nothing.
    #[must_use]
    pub fn merge(&self, incoming: &Self) -> Self {
        let mut merged = self.clone();
        if incoming.is_newer_than(self) {
            merged.status = incoming.status;
        }
        merged.rating = merged.rating.or(incoming.rating);
        merged.notes = merged.notes.or_else(|| incoming.notes.clone());
        merged.fill(|fields| &mut fields.started_on, incoming.started_on);
        merged.fill(|fields| &mut fields.finished_on, incoming.finished_on);
        merged
    }

    fn is_newer_than(&self, other: &Self) -> bool {
        match (self.last_day(), other.last_day()) {
            (Some(mine), Some(its)) if mine != its => mine > its,
            _ => stage(self.status) > stage(other.status),
        }
    }

    fn last_day(&self) -> Option<ReadingDate> {
        self.started_on.max(self.finished_on)
    }

    fn fill(&mut self, day: fn(&mut Self) -> &mut Option<ReadingDate>, with: Option<ReadingDate>) {
        if day(self).is_none() {
            *day(self) = with;
            if self.check().is_err() {
                *day(self) = None;
            }
        }
    }
}

/// How far a status has advanced. Neither of the two final statuses is newer than the other.
const fn stage(status: ReadingStatus) -> u8 {
    match status {
        ReadingStatus::WantToRead => 0,
        ReadingStatus::Reading => 1,
        ReadingStatus::Read | ReadingStatus::Abandoned => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shelves::{Notes, Rating};
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn day(text: &str) -> Option<ReadingDate> {
        (!text.is_empty()).then(|| text.parse().unwrap())
    }

    fn fields(status: ReadingStatus, started_on: &str, finished_on: &str) -> ShelfFields {
        let (started_on, finished_on) = (day(started_on), day(finished_on));
        ShelfFields { status, started_on, finished_on, ..ShelfFields::default() }
    }

    use ReadingStatus::{Abandoned, Read, Reading, WantToRead};

    #[test]
    fn without_days_a_status_only_advances() {
        for (existing, incoming, merged) in [
            (WantToRead, Reading, Reading),
            (Reading, Read, Read),
            (Reading, Abandoned, Abandoned),
            (Read, Reading, Read),
            (Read, WantToRead, Read),
            (Read, Abandoned, Read),
            (Abandoned, Read, Abandoned),
        ] {
            let merged_fields = fields(existing, "", "").merge(&fields(incoming, "", ""));
            assert_eq!(merged_fields.status, merged, "{existing} {incoming}");
        }
    }

    #[test]
    fn the_later_day_decides_which_status_is_newer() {
        let read_long_ago = fields(Read, "2020-01-01", "2020-02-01");
        let reading_again = fields(Reading, "2026-11-01", "");
        assert_eq!(read_long_ago.merge(&reading_again).status, Reading);
        // The end of the earlier reading is not that of this one.
        assert_eq!(reading_again.merge(&read_long_ago), reading_again);
        let read_since = fields(Read, "2026-11-01", "2026-11-20");
        assert_eq!(reading_again.merge(&read_since), read_since);
    }

    #[test]
    fn empty_fields_are_filled_and_others_are_kept() {
        let rated = |stars, notes: &str| ShelfFields {
            rating: Rating::new(stars).ok(),
            notes: Notes::parse(notes).ok(),
            ..fields(Read, "", "2026-01-02")
        };
        let mine = ShelfFields { rating: None, ..rated(1, "mine") };
        let merged = mine.merge(&rated(4, "theirs"));
        assert_eq!(merged, rated(4, "mine"));
    }

    fn any_fields() -> impl Strategy<Value = ShelfFields> {
        let date = || option::of((1..6u32).prop_map(|day| format!("2026-01-0{day}")));
        let parts = (select(&ReadingStatus::ALL[..]), option::of(1..6i64), date(), date());
        parts.prop_filter_map("days in order", |(status, stars, start, end)| {
            let fields = ShelfFields {
                status,
                rating: stars.and_then(|stars| Rating::new(stars).ok()),
                notes: None,
                started_on: start.and_then(|day| day.parse().ok()),
                finished_on: end.and_then(|day| day.parse().ok()),
            };
            fields.check().is_ok().then_some(fields)
        })
    }

    proptest! {
        #[test]
        fn a_merge_is_valid_idempotent_and_clears_nothing(
            existing in any_fields(), incoming in any_fields(),
        ) {
            let merged = existing.merge(&incoming);
            prop_assert!(merged.check().is_ok());
            prop_assert_eq!(&merged.merge(&incoming), &merged);
            prop_assert!(existing.rating.is_none() || merged.rating == existing.rating);
            prop_assert!(existing.started_on.is_none() || merged.started_on == existing.started_on);
            prop_assert!(
                existing.finished_on.is_none() || merged.finished_on == existing.finished_on
            );
            prop_assert_eq!(existing.merge(&existing), existing);
        }
    }
}
