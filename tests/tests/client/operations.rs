use std::collections::BTreeSet;
use std::pin::pin;

use bookshelf_client::{
    BookPatch, BookQuery, BookSort, Change, Client, EntryFields, EntryPatch, Error, NewApiKey,
    NewInvite, NewUser, Order, Paging, Permission, ProfilePatch, ReadingStatus, Reason,
    Registration, Role, ShelfQuery, ShelvedBook, UserPatch, UserQuery,
};
use bookshelf_tests::app::App;
use futures_util::TryStreamExt;

use super::{PASSWORD, admin, book, client, user};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_walked_to_its_end() {
    let app = App::start();
    let ann = user(&app, "ann").await;
    for number in 0..25 {
        ann.books().create(&book(&format!("Book {number:02}"))).await.unwrap();
    }
    let paging = Paging { per_page: Some(7), order: Some(Order::Asc), ..Paging::default() };
    let query = BookQuery { sort: Some(BookSort::Title), paging, ..BookQuery::default() };
    let page = ann.books().list(&query).await.unwrap();
    assert_eq!((page.items.len(), page.pagination.total_items), (7, Some(25)));
    assert!(page.pagination.has_next);

    let mut titles = Vec::new();
    let mut books = pin!(ann.books().all(query));
    while let Some(book) = books.try_next().await.unwrap() {
        titles.push(book.title);
    }
    let expected: Vec<_> = (0..25).map(|number| format!("Book {number:02}")).collect();
    assert_eq!(titles, expected);

    let query = BookQuery { search: Some("book 07".to_owned()), ..BookQuery::default() };
    let found: Vec<_> = ann.books().all(query).try_collect().await.unwrap();
    assert_eq!(found.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_of_one_state_the_second_is_a_conflict() {
    let app = App::start();
    let ann = user(&app, "ann").await;
    let made = ann.books().create(&book("Emma")).await.unwrap();
    let (id, etag) = (made.value.id, made.etag.as_deref());
    assert_eq!(ann.books().get_if_changed(id, etag.unwrap()).await.unwrap(), None);

    let first = BookPatch { year: 1815.into(), ..BookPatch::default() };
    let changed = ann.books().patch(id, &first, etag).await.unwrap();
    assert_eq!(changed.value.year, Some(1815));
    let second = BookPatch { year: Change::Clear, ..BookPatch::default() };
    let error = ann.books().patch(id, &second, etag).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::PreconditionFailed));
    assert_eq!(error.api().unwrap().status, 412);
    let cleared = ann.books().patch(id, &second, changed.etag.as_deref()).await.unwrap();
    assert_eq!(cleared.value.year, None);
    let replaced = ann.books().replace(id, &book("Emma II"), None).await.unwrap();
    assert_eq!(replaced.value.title, "Emma II");
    assert!(ann.books().get_if_changed(id, etag.unwrap()).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_says_everything_that_is_wrong() {
    let app = App::start();
    let ann = user(&app, "ann").await;
    let mut wrong = book("");
    wrong.isbn = Some("12".to_owned());
    let Error::Api(error) = ann.books().create(&wrong).await.unwrap_err() else { panic!() };
    assert_eq!((error.status, &error.reason), (422, &Reason::ValidationFailed));
    let fields: BTreeSet<_> = error.details.keys().map(String::as_str).collect();
    assert_eq!(fields, BTreeSet::from(["title", "isbn"]));
    assert!(!error.request_id.is_empty());

    let mut first = book("Emma");
    first.isbn = Some("978-0-13-235088-4".to_owned());
    let id = ann.books().create(&first).await.unwrap().value.id;
    let Error::Api(error) = ann.books().create(&first).await.unwrap_err() else { panic!() };
    assert_eq!(error.resource, Some(format!("/api/v1/books/{id}")));
    let found = ann.books().get_by_isbn("0-13-235088-2").await.unwrap();
    assert_eq!(found.value.id, id);
    let error = ann.books().get_by_isbn("9780132350884/x?y").await.unwrap_err();
    assert!(error.api().unwrap().status < 500, "{error}");
    assert_eq!(
        client(&app).shelf().stats().await.unwrap_err().reason(),
        Some(&Reason::TokenMissing)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shelf_is_kept() {
    let app = App::start();
    let ann = user(&app, "ann").await;
    let id = ann.books().create(&book("Emma")).await.unwrap().value.id;
    let fields = EntryFields { rating: Some(4), ..EntryFields::default() };
    let entry = ann.shelf().add(&ShelvedBook::Id(id), &fields).await.unwrap();
    assert_eq!((entry.value.status, entry.value.rating), (ReadingStatus::WantToRead, Some(4)));
    let error = ann.shelf().add(&ShelvedBook::Id(id), &fields).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::AlreadyOnShelf));
    let other = ShelvedBook::New(book("Persuasion"));
    ann.shelf().add(&other, &EntryFields::default()).await.unwrap();

    let patch = EntryPatch {
        status: Some(ReadingStatus::Read),
        finished_on: "2026-01-31".parse::<chrono::NaiveDate>().unwrap().into(),
        rating: Change::Clear,
        ..EntryPatch::default()
    };
    let id = entry.value.id;
    let changed = ann.shelf().patch(id, &patch, entry.etag.as_deref()).await.unwrap();
    assert_eq!((changed.value.status, changed.value.rating), (ReadingStatus::Read, None));
    let stats = ann.shelf().stats().await.unwrap();
    assert_eq!((stats.total, stats.by_status.read), (2, 1));
    assert_eq!(stats.finished_by_year[0].year, 2026);
    let read = ShelfQuery { status: Some(ReadingStatus::Read), ..ShelfQuery::default() };
    assert_eq!(ann.shelf().list(&read).await.unwrap().items.len(), 1);
    let all: Vec<_> = ann.shelf().all(ShelfQuery::default()).try_collect().await.unwrap();
    assert_eq!(all.len(), 2);
    let replaced = ann.shelf().replace(id, &EntryFields::default(), None).await.unwrap();
    assert_eq!(replaced.value.finished_on, None);
    ann.shelf().delete(id, replaced.etag.as_deref()).await.unwrap();
    let error = ann.shelf().get(id).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::NotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_uses_a_key() {
    let app = App::start();
    let ann = user(&app, "ann").await;
    let permissions = vec![Permission::Read];
    let new = NewApiKey { name: "a service".to_owned(), permissions, expires_at: None };
    let made = ann.api_keys().create(&new).await.unwrap();
    let service = Client::builder(&app.url()).api_key(&made.key).build().unwrap();
    assert_eq!(service.auth().me().await.unwrap().value.email, "ann@example.com");
    let error = service.books().create(&book("Emma")).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::InsufficientPermissions));
    let keys = ann.api_keys().list().await.unwrap();
    assert_eq!((keys.len(), keys[0].name.as_str()), (1, "a service"));
    assert_eq!(keys[0].permissions, [Permission::Read]);
    ann.api_keys().delete(made.about.id).await.unwrap();
    let error = service.auth().me().await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::ApiKeyInvalid));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_keeps_users_and_invitations() {
    let app = App::with(&[("BOOKSHELF_REGISTRATION", "invite")]);
    let admin = admin(&app).await;
    assert_eq!(admin.health().await.unwrap().status, "healthy");
    let email = "bob@example.com".to_owned();
    let invite = NewInvite { email: Some(email.clone()), ..NewInvite::default() };
    let invite = admin.invites().create(&invite).await.unwrap();
    let mut registration =
        Registration { email, password: PASSWORD.to_owned(), ..Registration::default() };
    let refused = client(&app).auth().register(&registration).await.unwrap_err();
    assert_eq!(refused.reason(), Some(&Reason::InviteInvalid));
    registration.invite = Some(invite.token);
    let bob = client(&app).auth().register(&registration).await.unwrap();
    let used: Vec<_> = admin.invites().all(Paging::default()).try_collect().await.unwrap();
    assert_eq!(used[0].used_by, Some(bob.id));
    let other = admin.invites().create(&NewInvite::default()).await.unwrap();
    assert_eq!(admin.invites().list(&Paging::default()).await.unwrap().items.len(), 2);
    admin.invites().delete(other.about.id).await.unwrap();

    let new = NewUser {
        email: "eve@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        ..NewUser::default()
    };
    let eve = admin.users().create(&new).await.unwrap();
    let patch = UserPatch { role: Some(Role::Admin), ..UserPatch::default() };
    let eve = admin.users().patch(eve.value.id, &patch, eve.etag.as_deref()).await.unwrap();
    assert_eq!(admin.users().get(eve.value.id).await.unwrap(), eve);
    let query = UserQuery { role: Some(Role::Admin), ..UserQuery::default() };
    assert_eq!(admin.users().list(&query).await.unwrap().items.len(), 2);
    admin.users().delete(eve.value.id, eve.etag.as_deref()).await.unwrap();
    let all: Vec<_> = admin.users().all(UserQuery::default()).try_collect().await.unwrap();
    assert_eq!(all.len(), 2);
    let me = admin.auth().me().await.unwrap().value;
    let demotion = UserPatch { role: Some(Role::User), ..UserPatch::default() };
    let error = admin.users().patch(me.id, &demotion, None).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::LastAdmin));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_changed_and_deleted() {
    let app = App::start();
    let ann = user(&app, "ann").await;
    let patch = ProfilePatch { name: "Ann".to_owned().into(), ..ProfilePatch::default() };
    let me = ann.auth().me().await.unwrap();
    let me = ann.auth().patch_me(&patch, me.etag.as_deref()).await.unwrap();
    assert_eq!(me.value.name.as_deref(), Some("Ann"));
    let new = "another good password";
    ann.auth().change_password(PASSWORD, new).await.unwrap();
    let error = ann.auth().login("ann@example.com", PASSWORD).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::InvalidCredentials));
    ann.auth().delete_account(new).await.unwrap();
    assert_eq!(ann.tokens(), None);
    let error = ann.auth().login("ann@example.com", new).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::InvalidCredentials));
}
