use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// A progress bar, which appears on a terminal only. Without a length it shows no time left.
pub(super) fn bar(length: Option<u64>) -> ProgressBar {
    let (bar, template) = match length {
        Some(length) => (ProgressBar::new(length), "{wide_bar} {percent:>3} %  {msg}  {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}  {elapsed}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Says how many rows are done, and how many per second since the bar was made.
pub(super) fn rows_and_rate(bar: &ProgressBar, rows: u64) -> String {
    let rate = rows as f64 / bar.elapsed().as_secs_f64().max(0.001);
    format!("{} rows, {}/s", HumanCount(rows), HumanCount(rate as u64))
}
