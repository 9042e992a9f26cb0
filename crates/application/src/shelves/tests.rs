//! The use cases of the shelf, through mocked ports.

use std::sync::Arc;

use bookshelf_domain::books::BookId;
use bookshelf_domain::shelves::{
    MockShelfRepository, ReadingStatus, ShelfDraft, ShelfEntryId, ShelfError, ShelfTarget,
    WhenUnknown,
};
use bookshelf_domain::{Change, Expected, Fault, FaultCode};

use super::Shelves;
use crate::tests::{clock, now, reader, writer, writer_of_shelf_only};
use crate::{Error, Writer};

const ENTRY: ShelfEntryId = ShelfEntryId::new(5);

fn shelves(repository: MockShelfRepository) -> Shelves {
    Shelves::new(Arc::new(repository), clock())
}

fn about(book_id: i64) -> ShelfDraft {
    ShelfDraft { book_id: Change::Set(book_id), ..ShelfDraft::default() }
}

#[tokio::test]
async fn a_new_entry_is_on_the_callers_shelf_and_wanted_by_default() {
    let mut repository = MockShelfRepository::new();
    repository
        .expect_insert()
        .withf(|new| {
            let is_mine = new.user_id == writer().user_id() && new.at == now();
            is_mine
                && new.target == ShelfTarget::Existing(BookId::new(42))
                && new.fields.status == ReadingStatus::WantToRead
        })
        .once()
        .returning(|_| Err(ShelfError::AlreadyOnShelf { by: ENTRY }));
    let error = shelves(repository).add(&writer(), about(42), None).await.unwrap_err();
    assert!(matches!(error, Error::AlreadyOnShelf { by } if by == ENTRY));
}

#[tokio::test]
async fn only_who_writes_the_catalogue_adds_a_book_to_it_by_way_of_a_shelf() {
    let refusal = async |writer: &Writer, when_unknown| {
        let mut repository = MockShelfRepository::new();
        repository
            .expect_insert()
            .withf(move |new| new.when_unknown == when_unknown)
            .once()
            .returning(|_| Err(ShelfError::UnknownBook));
        shelves(repository).add(writer, about(42), None).await.unwrap_err()
    };
    for (writer, when_unknown) in
        [(writer(), WhenUnknown::Add), (writer_of_shelf_only(), WhenUnknown::Refuse)]
    {
        let error = refusal(&writer, when_unknown).await;
        assert!(matches!(error, Error::CatalogueWriteRefused), "{error}");
    }
}

#[tokio::test]
async fn an_unknown_book_is_a_fault_of_its_field() {
    let mut repository = MockShelfRepository::new();
    repository.expect_insert().returning(|_| Err(ShelfError::BookNotFound));
    let error = shelves(repository).add(&writer(), about(42), None).await.unwrap_err();
    let Error::Invalid(faults) = error else { panic!("{error}") };
    assert!(faults.has("book_id"));
}

#[tokio::test]
async fn nothing_reaches_the_store_while_a_draft_is_wrong() {
    let wrong = || ShelfDraft { rating: Change::Set(9), ..about(1) };
    let unreachable = shelves(MockShelfRepository::new());
    assert!(unreachable.add(&writer(), wrong(), None).await.is_err());
    assert!(unreachable.replace(&writer(), ENTRY, Expected::Any, wrong()).await.is_err());
    assert!(unreachable.patch(&writer(), ENTRY, Expected::Any, wrong()).await.is_err());
}

#[tokio::test]
async fn a_replacement_clears_what_it_leaves_out_and_a_patch_keeps_it() {
    let mut repository = MockShelfRepository::new();
    repository
        .expect_update()
        .withf(|update| {
            update.patch.rating == Change::Clear && update.user_id == writer().user_id()
        })
        .once()
        .returning(|_| Err(ShelfError::NotFound));
    let error =
        shelves(repository).replace(&writer(), ENTRY, Expected::Any, Default::default()).await;
    assert!(matches!(error, Err(Error::NotFound("shelf entry"))));

    let mut repository = MockShelfRepository::new();
    repository
        .expect_update()
        .withf(|update| update.patch.rating == Change::Keep)
        .once()
        .returning(|_| {
            Err(ShelfError::Invalid(
                Fault::new(FaultCode::Conflict, "is too early").of("finished_on"),
            ))
        });
    let error =
        shelves(repository).patch(&writer(), ENTRY, Expected::Any, Default::default()).await;
    assert!(matches!(error, Err(Error::Invalid(faults)) if faults.has("finished_on")));
}

#[tokio::test]
async fn every_use_case_acts_on_the_callers_shelf() {
    let mine = writer().user_id();
    let mut repository = MockShelfRepository::new();
    repository
        .expect_find()
        .withf(move |user, id| (*user, *id) == (mine, ENTRY))
        .returning(|_, _| Ok(None));
    repository
        .expect_delete()
        .withf(move |user, _, _| *user == mine)
        .returning(|_, _, _| Err(ShelfError::Stale));
    repository
        .expect_stats()
        .withf(move |user| *user == mine)
        .returning(|_| Ok(Default::default()));
    let shelves = shelves(repository);
    assert!(matches!(shelves.get(&reader(), ENTRY).await, Err(Error::NotFound("shelf entry"))));
    assert!(matches!(shelves.remove(&writer(), ENTRY, Expected::Any).await, Err(Error::Stale)));
    assert_eq!(shelves.stats(&reader()).await.unwrap().total(), 0);
}
