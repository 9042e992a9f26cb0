//! A reading list on the command line: the use cases of Bookshelf on the adapters in memory, without
//! HTTP and without a database.
//!
//! It reads a command from each line, and begins with an empty list:
//!
//! ```text
//! $ cargo run --package reading-list
//! add Dune / Frank Herbert
//! 1: Dune by Frank Herbert, want_to_read
//! status 1 reading
//! 1: Dune by Frank Herbert, reading
//! rate 1 5
//! 1: Dune by Frank Herbert, reading, 5 of 5 stars
//! ```

mod reading_list;

use std::io::{self, Write};

use reading_list::ReadingList;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let list = ReadingList::open().await?;
    let mut output = io::stdout();
    for line in io::stdin().lines() {
        match list.run(&line?).await {
            Ok(answer) => write!(output, "{answer}")?,
            // The sentence says what is wrong, and the next command can be right.
            Err(error) => writeln!(output, "error: {error}")?,
        }
    }
    Ok(())
}
