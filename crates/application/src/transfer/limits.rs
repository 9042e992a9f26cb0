//! The bounds of imports and exports.

/// The longest row. It bounds the memory that a bad file can take, and leaves room for a review of
/// 1 MiB, which is cut to the length of notes.
pub(super) const MAX_ROW_BYTES: usize = 2 * 1024 * 1024;

/// More columns than any known export has.
pub(super) const MAX_COLUMNS: usize = 1024;

/// How much of a file is read before its first row is imported. It shows the encoding and the
/// separator.
pub(super) const LOOK_AHEAD_BYTES: u64 = 1024 * 1024;

/// How much of a file is read at once.
pub(super) const READ_BYTES: usize = 64 * 1024;

/// Books written in one transaction. They are enough to share the cost of a commit, and few enough to
/// let others write in between.
pub(super) const BATCH_BOOKS: usize = 2000;

/// Entries of a shelf written in one transaction. They are fewer because the database does more for
/// each.
pub(super) const BATCH_ENTRIES: usize = 500;

/// The texts of the rows of a batch. A batch that has as many bytes is written although it has fewer
/// rows, because long texts take much memory.
pub(super) const BATCH_BYTES: usize = 2 * 1024 * 1024;

/// Rejected rows that a report lists, and also rows with remarks. Further ones are only counted.
pub(super) const MAX_LISTED_ROWS: usize = 1000;

/// Names of unknown columns that a report lists.
pub(super) const MAX_LISTED_COLUMNS: usize = 100;

/// The length to which a report cuts the name of a column.
pub(super) const MAX_COLUMN_NAME_CHARS: usize = 100;

/// Books that an export reads at once.
pub(super) const EXPORT_BOOKS: u32 = 500;

/// Shelf entries that an export reads at once. They are fewer because each may have long notes.
pub(super) const EXPORT_ENTRIES: u32 = 200;

/// Books that a dry run remembers, in order to recognise them in later rows: about 50 MiB.
pub(super) const MAX_REMEMBERED: usize = 400_000;

/// How much of the faults or remarks of one row a report lists.
pub(super) const MAX_LISTED_BYTES: usize = 4096;

/// Remarks on one field of a row.
pub(super) const MAX_REMARKS: usize = 10;
