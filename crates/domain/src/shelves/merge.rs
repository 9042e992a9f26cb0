use crate::shelves::{ReadingDate, ReadingStatus, ShelfFields};

impl ShelfFields {
    /// These fields with the newer values of a reading history from elsewhere.
    ///
    /// - A newer status replaces the older one. The status with the later last day is newer. If the last
    ///   days are equal, or one is missing, the more advanced status is newer.
    /// - The days of a later reading replace the existing days. But a reading without an end keeps its
    ///   start if the later one has none. Otherwise missing days are filled, unless a day differs or the
    ///   end would be before the start.
    /// - A rating and notes belong together. If neither differs, the missing one is filled. If one
    ///   differs, both are replaced, but only by those of a newer status, and only if no rating and no
    ///   notes are lost.
    ///
    /// A second merge with the same fields changes nothing. [`Self::merge_remarks`] names the values
    /// that were lost.
    #[must_use]
    pub fn merge(&self, incoming: &Self) -> Self {
        let mut merged = self.clone();
        let is_newer = incoming.is_newer_than(self);
        if is_newer {
            merged.status = incoming.status;
        }
        merged.merge_days(incoming);
        merged.merge_opinion(incoming, is_newer);
        merged
    }

    /// The fields in which the two differ, and how [`Self::merge`] resolves them.
    pub fn merge_remarks(&self, incoming: &Self) -> MergeRemarks {
        let merged = self.merge(incoming);
        let may_be_newer = stage(incoming.status) >= stage(self.status);
        MergeRemarks {
            left_out: [
                may_be_newer && merged.status != incoming.status,
                is_lost(&incoming.rating, &merged.rating),
                is_lost(&incoming.notes, &merged.notes),
                is_lost(&incoming.started_on, &merged.started_on),
                is_lost(&incoming.finished_on, &merged.finished_on),
            ],
            replaced: [
                false,
                is_lost(&self.rating, &merged.rating),
                is_lost(&self.notes, &merged.notes),
                is_lost(&self.started_on, &merged.started_on),
                is_lost(&self.finished_on, &merged.finished_on),
            ],
        }
    }

    fn merge_days(&mut self, incoming: &Self) {
        if incoming.last_day() > self.last_day() && self.last_day().is_some() {
            // A reading without an end may be the same one, which has ended since.
            if self.finished_on.is_some() || incoming.started_on.is_some() {
                self.started_on = incoming.started_on;
            }
            self.finished_on = incoming.finished_on;
        } else if !contradicts(&self.started_on, &incoming.started_on)
            && !contradicts(&self.finished_on, &incoming.finished_on)
        {
            self.fill(|fields| &mut fields.started_on, incoming.started_on);
            self.fill(|fields| &mut fields.finished_on, incoming.finished_on);
        }
    }

    fn merge_opinion(&mut self, incoming: &Self, is_newer: bool) {
        let contradicts = contradicts(&self.rating, &incoming.rating)
            || contradicts(&self.notes, &incoming.notes);
        let loses_nothing = (self.rating.is_none() || incoming.rating.is_some())
            && (self.notes.is_none() || incoming.notes.is_some());
        if !contradicts {
            self.rating = self.rating.or(incoming.rating);
            self.notes = self.notes.take().or_else(|| incoming.notes.clone());
        } else if is_newer && loses_nothing {
            self.rating = incoming.rating;
            self.notes.clone_from(&incoming.notes);
        }
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

/// Which fields of a row of a reading history, and of the entry that it was merged into, were lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MergeRemarks {
    left_out: [bool; 5],
    replaced: [bool; 5],
}

/// The names of the fields, in the order of [`MergeRemarks`].
const NAMES: [&str; 5] = ["status", "rating", "notes", "started_on", "finished_on"];

impl MergeRemarks {
    /// The fields of the row that were left out, because the entry keeps another value.
    pub fn left_out(&self) -> impl Iterator<Item = &'static str> {
        named(self.left_out)
    }

    /// The fields of the entry that the row has replaced.
    pub fn replaced(&self) -> impl Iterator<Item = &'static str> {
        named(self.replaced)
    }
}

fn named(fields: [bool; 5]) -> impl Iterator<Item = &'static str> {
    NAMES.into_iter().zip(fields).filter(|(_, is_set)| *is_set).map(|(name, _)| name)
}

fn is_lost<T: PartialEq>(value: &Option<T>, merged: &Option<T>) -> bool {
    value.is_some() && value != merged
}

fn contradicts<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
    one.is_some() && other.is_some() && one != other
}

/// How advanced a status is. The two final statuses are equally advanced.
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
        assert_eq!(read_long_ago.merge(&reading_again), reading_again);
        // The end of the earlier reading is not that of this one.
        assert_eq!(reading_again.merge(&read_long_ago), reading_again);
        let read_since = fields(Read, "2026-11-01", "2026-11-20");
        assert_eq!(reading_again.merge(&read_since), read_since);
    }

    fn rated(stars: i64, notes: &str, finished_on: &str) -> ShelfFields {
        ShelfFields {
            rating: Rating::new(stars).ok(),
            notes: Notes::parse(notes).ok(),
            ..fields(Read, "", finished_on)
        }
    }

    fn lost(
        existing: &ShelfFields,
        incoming: &ShelfFields,
    ) -> (Vec<&'static str>, Vec<&'static str>) {
        let remarks = existing.merge_remarks(incoming);
        (remarks.left_out().collect(), remarks.replaced().collect())
    }

    #[test]
    fn a_later_reading_replaces_an_earlier_one_as_a_whole() {
        let (first, again) = (rated(3, "fair", "2020-01-01"), rated(5, "good", "2024-06-30"));
        assert_eq!(first.merge(&again), again);
        assert_eq!(lost(&first, &again), (vec![], vec!["rating", "notes", "finished_on"]));
        assert_eq!(again.merge(&first), again);
        assert_eq!(lost(&again, &first), (vec!["rating", "notes", "finished_on"], vec![]));
        assert_eq!(lost(&again, &again), (vec![], vec![]));
    }

    #[test]
    fn a_rating_never_comes_to_the_notes_of_another_row() {
        let first = rated(3, "fair", "2020-01-01");
        let without_notes = rated(5, "", "2024-06-30");
        let merged = ShelfFields { finished_on: day("2024-06-30"), ..first.clone() };
        assert_eq!(first.merge(&without_notes), merged);
        assert_eq!(lost(&first, &without_notes), (vec!["rating"], vec!["finished_on"]));
        // Without a day, no row is later.
        let (undated, other) = (rated(3, "fair", ""), rated(5, "good", ""));
        assert_eq!(undated.merge(&other), undated);
        assert_eq!(lost(&undated, &other), (vec!["rating", "notes"], vec![]));
    }

    #[test]
    fn an_empty_field_is_filled() {
        let mine = rated(0, "mine", "2026-01-02");
        assert_eq!(mine.merge(&rated(4, "", "")), rated(4, "mine", "2026-01-02"));
        let begun = fields(Reading, "2026-01-01", "");
        assert_eq!(begun.merge(&rated(4, "", "2026-01-02")).started_on, begun.started_on);
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
        fn a_merge_is_valid_and_done_once(
            existing in any_fields(), incoming in any_fields(),
        ) {
            let merged = existing.merge(&incoming);
            prop_assert!(merged.check().is_ok());
            prop_assert_eq!(&merged.merge(&incoming), &merged);
            prop_assert!(existing.rating.is_none() || merged.rating.is_some());
            let is_one_of = |day| day == existing.finished_on || day == incoming.finished_on;
            prop_assert!(is_one_of(merged.finished_on));
            prop_assert_eq!(existing.merge(&existing), existing);
        }
    }
}
