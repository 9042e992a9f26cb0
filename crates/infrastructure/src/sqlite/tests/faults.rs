//! What writes and reads do while the file cannot be written.

use std::time::Duration;

use bookshelf_domain::StoreError;
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use tempfile::TempDir;

use super::{Outcome, Sqlite, SqliteConfig, config, count, hold_writer, insert, numbers};

#[tokio::test]
async fn a_full_disk_refuses_writes_until_there_is_space_and_reads_go_on() {
    let folder = TempDir::new().unwrap();
    let sqlite = numbers(config(&folder)).await;
    let limit = async |pages: u32| {
        let pragma = format!("PRAGMA max_page_count = {pages}");
        let set = async move |conn: &mut SqliteConnection| -> Outcome<()> {
            Ok(conn.batch_execute(&pragma)?)
        };
        sqlite.write(set).await.unwrap();
    };
    limit(1).await;
    let large = async |conn: &mut SqliteConnection| -> Outcome<()> {
        let sql = "CREATE TABLE large AS SELECT zeroblob(100000)";
        Ok(conn.batch_execute(sql)?)
    };
    let refused = sqlite.write(large).await;
    assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
    assert_eq!(sqlite.read(count).await.unwrap(), 0);
    limit(1_000_000).await;
    sqlite.write(large).await.unwrap();
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_a_reason_to_try_again() {
    let folder = TempDir::new().unwrap();
    let sqlite = numbers(config(&folder)).await;
    let read_only = async |conn: &mut SqliteConnection| -> Outcome<()> {
        Ok(conn.batch_execute("PRAGMA query_only = ON")?)
    };
    sqlite.write(read_only).await.unwrap();
    let refused = sqlite.write(insert(1)).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert_eq!(sqlite.read(count).await.unwrap(), 0);
}

#[tokio::test]
async fn a_lock_held_elsewhere_is_a_reason_to_try_again() {
    let folder = TempDir::new().unwrap();
    let config = SqliteConfig { busy_timeout: Duration::from_millis(10), ..config(&folder) };
    let sqlite = numbers(config.clone()).await;
    let other = Sqlite::open(config).unwrap();
    let gate = hold_writer(&other).await;
    let refused = sqlite.write(insert(1)).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    drop(gate);
    other.write(insert(2)).await.unwrap();
    sqlite.write(insert(1)).await.unwrap();
}
