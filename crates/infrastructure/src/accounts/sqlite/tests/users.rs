use bookshelf_domain::accounts::{
    Email, NewSession, NewUser, PasswordHash, Role, RotationError, SessionRepository, User,
    UserError, UserFilter, UserName, UserPatch, UserQuery, UserRepository, UserSort, UserUpdate,
    Username,
};
use bookshelf_domain::{Change, Expected, Folded, Listing, Order, SortKey, Start, Total};
use chrono::TimeDelta;

use super::{SOON, Store};

fn username(text: &str) -> Option<Username> {
    Some(Username::parse(text).unwrap())
}

fn role(role: Role) -> UserPatch {
    UserPatch { role: Some(role), ..Default::default() }
}

#[tokio::test]
async fn a_user_is_found_as_it_was_written() {
    let store = Store::new();
    let new = NewUser {
        username: username("zoe"),
        name: Some(UserName::parse("Zoë Ångström").unwrap()),
        ..store.new_user("Zoe@Example.com")
    };
    let user = store.users.insert(new).await.unwrap();
    assert_eq!((user.version, user.access_epoch, user.created_at), (1, 0, store.now));
    assert_eq!(store.users.find(user.id).await.unwrap(), Some(user.clone()));
    assert_eq!(store.users.find(user.id + 1).await.unwrap(), None);
    let email = Email::parse("ZOE@example.COM").unwrap();
    let found = store.users.find_by_email(email).await.unwrap().unwrap();
    assert_eq!(found.user, user);
    assert_eq!(found.password_hash, PasswordHash::new("a hash"));
    assert_eq!(store.users.credentials(user.id).await.unwrap(), Some(found));
}

#[tokio::test]
async fn an_email_or_a_username_is_taken_in_whatever_case_the_email_first() {
    let store = Store::new();
    let ann = NewUser { username: username("ann"), ..store.new_user("ann@example.com") };
    store.users.insert(ann).await.unwrap();
    let both = NewUser { username: username("ANN"), ..store.new_user("ANN@example.com") };
    assert!(matches!(store.users.insert(both).await, Err(UserError::EmailTaken)));
    let name = NewUser { username: username("Ann"), ..store.new_user("bob@example.com") };
    assert!(matches!(store.users.insert(name).await, Err(UserError::UsernameTaken)));
    let bob = store.user("bob@example.com").await;
    let patch = UserPatch { username: Change::Set(username("aNN").unwrap()), ..Default::default() };
    assert!(matches!(store.patch(bob.id, patch).await, Err(UserError::UsernameTaken)));
    assert_eq!(store.users.find(bob.id).await.unwrap(), Some(bob));
}

#[tokio::test]
async fn an_update_is_kept_and_one_without_a_change_is_none() {
    let store = Store::new();
    let ann = store.user("ann@example.com").await;
    let patch = UserPatch {
        username: Change::Set(username("ann").unwrap()),
        name: Change::Set(UserName::parse("Ann").unwrap()),
        role: Some(Role::Admin),
    };
    let after = store.patch(ann.id, patch.clone()).await.unwrap();
    assert_eq!((after.version, after.access_epoch, after.role), (2, 1, Role::Admin));
    assert_eq!(store.users.find(ann.id).await.unwrap(), Some(after.clone()));
    assert_eq!(store.patch(ann.id, patch).await.unwrap(), after);
    let cleared = UserPatch { name: Change::Clear, ..Default::default() };
    assert_eq!(store.patch(ann.id, cleared).await.unwrap().name, None);
    assert_eq!(store.users.find(ann.id).await.unwrap().unwrap().name, None);

    assert!(matches!(store.patch(77, role(Role::User)).await, Err(UserError::NotFound)));
    let expected = Expected::OneOf(vec![2]);
    let patch = role(Role::User);
    let stale = UserUpdate { id: ann.id, expected, patch, at: store.now };
    assert!(matches!(store.users.update(stale).await, Err(UserError::Stale)));
}

#[tokio::test]
async fn one_admin_is_always_left() {
    let store = Store::new();
    let (ann, bob) = (store.admin("ann@example.com").await, store.admin("bob@example.com").await);
    let (a, b) =
        tokio::join!(store.patch(ann.id, role(Role::User)), store.patch(bob.id, role(Role::User)));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let last = if a.is_ok() { bob } else { ann };
    assert!(matches!(a.and(b), Err(UserError::LastAdmin)));
    let refused = store.users.delete(last.id, Expected::Any).await;
    assert!(matches!(refused, Err(UserError::LastAdmin)));
    assert_eq!(store.users.find(last.id).await.unwrap(), Some(last.clone()));
    let stale = store.users.delete(last.id, Expected::OneOf(vec![9])).await;
    assert!(matches!(stale, Err(UserError::Stale)));
    store.admin("eve@example.com").await;
    store.users.delete(last.id, Expected::OneOf(vec![1])).await.unwrap();
}

#[tokio::test]
async fn a_deleted_user_takes_its_sessions_along_and_its_id_is_not_given_again() {
    let store = Store::new();
    let ann = store.user("ann@example.com").await;
    let session = store.session(&ann, 1).await;
    store.users.delete(ann.id, Expected::Any).await.unwrap();
    assert_eq!(store.sessions.find(session.id).await.unwrap(), None);
    assert!(matches!(store.rotate(1, 2, SOON).await, Err(RotationError::Unknown)));
    let again = store.users.delete(ann.id, Expected::Any).await;
    assert!(matches!(again, Err(UserError::NotFound)));
    assert!(store.user("ann@example.com").await.id > ann.id);
    let orphan = NewSession {
        user_id: ann.id,
        refresh: [9; 32],
        user_agent: None,
        address: None,
        at: store.now,
        idle_until: store.now,
        expires_at: store.now,
    };
    assert_eq!(store.sessions.open(orphan).await.unwrap(), None);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let store = Store::new();
    let (ann, bob) = (store.user("ann@example.com").await, store.user("bob@example.com").await);
    let kept = store.session(&ann, 1).await;
    let ended = store.session(&ann, 2).await;
    let other = store.session(&bob, 3).await;
    let hash = PasswordHash::new("another hash");
    let at = store.now + SOON;
    store.users.set_password(ann.id, hash.clone(), Some(kept.id), at).await.unwrap();
    let stored = store.users.credentials(ann.id).await.unwrap().unwrap();
    assert_eq!((stored.user, stored.password_hash), (ann.clone(), hash.clone()));
    for (session, ended_at) in [(&kept, None), (&ended, Some(at)), (&other, None)] {
        let found = store.sessions.find(session.id).await.unwrap().unwrap();
        assert_eq!(found.session.ended_at, ended_at);
    }
    let unknown = store.users.set_password(77, hash.clone(), None, at).await;
    assert!(matches!(unknown, Err(UserError::NotFound)));
    store.users.set_password(ann.id, hash, None, at).await.unwrap();
    assert_eq!(store.sessions.list_live(ann.id, at).await.unwrap(), []);
}

fn query(sort: UserSort, order: Order) -> UserQuery {
    let (filter, start) = (UserFilter::default(), Start::Offset(0));
    UserQuery { filter, sort, order, start, limit: 10, count: true }
}

fn emails(listing: &Listing<User>) -> Vec<&str> {
    listing.items.iter().map(|user| user.email.as_str()).collect()
}

#[tokio::test]
async fn a_search_takes_text_literally_in_every_script_and_field() {
    let store = Store::new();
    for (email, name) in [
        ("ann_lee@example.com", Some("Émile Zola")),
        ("annxlee@example.com", Some("100% Лев")),
        ("bob@example.org", None),
    ] {
        let name = name.map(|name| UserName::parse(name).unwrap());
        let username = username(&email[..3].repeat(2)).filter(|_| name.is_none());
        let user = NewUser { name, username, ..store.new_user(email) };
        store.users.insert(user).await.unwrap();
    }
    store.admin("carl@example.org").await;
    for (search, expected) in [
        ("N_L", &["ann_lee@example.com"][..]),
        ("éMI", &["ann_lee@example.com"]),
        ("% ЛЕВ", &["annxlee@example.com"]),
        ("BOBBOB", &["bob@example.org"]),
        ("example.org", &["bob@example.org", "carl@example.org"]),
        ("\\", &[]),
        ("*", &[]),
    ] {
        let mut query = query(UserSort::Email, Order::Ascending);
        query.filter.search = Some(Folded::new(search));
        let listing = store.users.list(query).await.unwrap();
        assert_eq!(emails(&listing), expected, "{search}");
        let total = Total { items: expected.len() as u64, exact: true };
        assert_eq!(listing.total, Some(total));
    }
    let mut admins = query(UserSort::Email, Order::Ascending);
    admins.filter = UserFilter { role: Some(Role::Admin), search: Some(Folded::new("EXAMPLE")) };
    assert_eq!(emails(&store.users.list(admins).await.unwrap()), ["carl@example.org"]);
}

#[tokio::test]
async fn pages_and_cursors_tell_every_user_once_in_either_order() {
    let store = Store::new();
    for number in [3, 1, 4, 0, 2] {
        let email = format!("{}{number}@example.com", if number % 2 == 0 { "U" } else { "u" });
        let at = store.now + TimeDelta::seconds(number / 2);
        store.users.insert(NewUser { at, ..store.new_user(&email) }).await.unwrap();
    }
    for sort in [UserSort::Email, UserSort::CreatedAt] {
        let whole = store.users.list(query(sort, Order::Ascending)).await.unwrap();
        assert_eq!(whole.total, Some(Total { items: 5, exact: true }));
        assert!(!whole.has_next);
        let keys: Vec<_> = whole
            .items
            .iter()
            .map(|user| match sort.position(user).key {
                SortKey::Text(key) => (key, user.id),
                SortKey::Number(key) => (format!("{key:020}"), user.id),
                SortKey::Missing => panic!("every user has the key"),
            })
            .collect();
        assert!(keys.is_sorted(), "{keys:?}");
        for order in [Order::Ascending, Order::Descending] {
            let mut expected = whole.items.clone();
            if order == Order::Descending {
                expected.reverse();
            }
            let mut by_cursor = Vec::new();
            let mut by_page = Vec::new();
            let mut start = Start::Offset(0);
            while by_cursor.len() < 5 {
                let cursor = UserQuery { start, limit: 2, count: false, ..query(sort, order) };
                let page =
                    UserQuery { start: Start::Offset(by_page.len() as u64), ..cursor.clone() };
                let listing = store.users.list(cursor).await.unwrap();
                assert_eq!((listing.has_next, listing.total), (by_cursor.len() < 4, None));
                by_cursor.extend(listing.items);
                by_page.extend(store.users.list(page).await.unwrap().items);
                start = Start::After(sort.position(by_cursor.last().unwrap()));
            }
            assert_eq!(by_cursor, expected);
            assert_eq!(by_page, expected);
        }
    }
}
