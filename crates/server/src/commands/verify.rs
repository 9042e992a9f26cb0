use std::process::ExitCode;

use bookshelf_application::covers;
use bookshelf_domain::covers::{CoverImages, CoverName, CoverSize, CoverStore};
use bookshelf_infrastructure::copy::Place;
use bookshelf_infrastructure::covers::ObjectCoverStore;
use bookshelf_infrastructure::verify::verify_database;

use super::{block_on, print};
use crate::database::place;
use crate::failure::Failure;
use crate::services::{Services, cover_store};
use crate::settings::Settings;

/// Checks the database and the covers, and prints a line for each fault.
pub(crate) fn run(settings: &Settings) -> Result<ExitCode, Failure> {
    let place = place(settings.database_url.clone());
    check_schema(settings, &place)?;
    let mut faults = Vec::new();
    let used = verify_database(&place, &mut |fault| faults.push(fault))
        .map_err(|error| Failure::because("cannot read the database", &error))?;
    let store = cover_store(settings)?;
    block_on(async {
        for (book, cover) in used {
            if let Some(damage) = damage(&store, cover).await? {
                faults.push(format!("the cover {cover} of book {book} {damage}"));
            }
        }
        Ok(())
    })?;
    let lines: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
    let count = faults.len();
    let summary = if count == 0 { "no faults\n".to_owned() } else { format!("faults: {count}\n") };
    print(format!("{lines}{summary}").as_bytes())?;
    Ok(if count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Refuses a database whose tables this program does not know. It creates nothing.
fn check_schema(settings: &Settings, place: &Place) -> Result<(), Failure> {
    if let Place::Sqlite(config) = place
        && !config.path.is_file()
    {
        let path = config.path.display();
        return Err(Failure::Failed(format!("there is no database {path}")));
    }
    Services::open(settings)?.check_current()
}

/// What is wrong with a cover in the store.
async fn damage(
    store: &ObjectCoverStore,
    cover: CoverName,
) -> Result<Option<&'static str>, Failure> {
    let get = async |size| {
        let image = store.get(cover, size).await;
        image.map_err(|error| Failure::because("cannot read the covers", &error))
    };
    let (Some(full), Some(thumb)) = (get(CoverSize::Full).await?, get(CoverSize::Thumb).await?)
    else {
        return Ok(Some("is missing in the store"));
    };
    let images = CoverImages { format: cover.format, full, thumb };
    Ok((covers::hash(&images) != cover.hash).then_some("is not what was stored"))
}
