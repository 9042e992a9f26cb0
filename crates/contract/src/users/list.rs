use bookshelf_domain::accounts::{NewUser, Role, UserFilter, UserId, UserQuery, UserSort};
use bookshelf_domain::{Folded, Order, Position, SortKey, Start, Total};

use super::{add, add_admin, user, username};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::{AddUser, line, moment};
use crate::saw::Must;

fn every_user() -> UserQuery {
    UserQuery {
        filter: UserFilter::default(),
        sort: UserSort::CreatedAt,
        order: Order::Ascending,
        start: Start::Offset(0),
        limit: 1000,
        count: true,
    }
}

fn search(part: &str) -> UserFilter {
    UserFilter { search: Some(Folded::new(part)), role: None }
}

async fn emails(store: &Store, query: UserQuery) -> Vec<String> {
    let listing = store.users.list(query).await.must();
    listing.items.into_iter().map(|user| user.email.as_str().to_owned()).collect()
}

pub(super) async fn parts_of_email_username_and_name_are_found(store: Store) {
    let ann = NewUser {
        username: Some(username("Reader_1")),
        name: Some(line("Änne 100%")),
        ..user("ann@example.com", Role::User)
    };
    store.users.add(ann).await.must();
    add(&store, "bob_x@example.org").await;
    let cases: [(&str, &[&str]); 14] = [
        ("ANN", &["ann@example.com"]),
        ("example", &["ann@example.com", "bob_x@example.org"]),
        ("@", &["ann@example.com", "bob_x@example.org"]),
        ("org", &["bob_x@example.org"]),
        ("g", &["bob_x@example.org"]),
        ("_", &["ann@example.com", "bob_x@example.org"]),
        ("r_1", &["ann@example.com"]),
        ("READER", &["ann@example.com"]),
        ("ÄN", &["ann@example.com"]),
        ("a\u{308}nne", &["ann@example.com"]),
        ("0%", &["ann@example.com"]),
        ("%", &["ann@example.com"]),
        ("comreader", &[]),
        ("a*", &[]),
    ];
    for (part, expected) in cases {
        let query = UserQuery { filter: search(part), ..every_user() };
        ensure_eq!(emails(&store, query).await, expected, "{part}");
    }
}

pub(super) async fn roles_are_told_apart(store: Store) {
    add(&store, "user@example.com").await;
    add_admin(&store, "admin@example.com").await;
    let of =
        |role| UserQuery { filter: UserFilter { role: Some(role), search: None }, ..every_user() };
    ensure_eq!(emails(&store, of(Role::User)).await, ["user@example.com"]);
    ensure_eq!(emails(&store, of(Role::Admin)).await, ["admin@example.com"]);
    let both = UserFilter { role: Some(Role::Admin), ..search("user") };
    ensure!(emails(&store, UserQuery { filter: both, ..every_user() }).await.is_empty());
}

pub(super) async fn emails_are_ordered_by_their_folded_form(store: Store) {
    let mut expected = ["A1@example.com", "a_b@example.com", "aB@example.com", "B@example.com"];
    for address in [expected[3], expected[0], expected[2], expected[1]] {
        add(&store, address).await;
    }
    let query = UserQuery { sort: UserSort::Email, ..every_user() };
    ensure_eq!(emails(&store, query.clone()).await, expected);
    expected.reverse();
    ensure_eq!(emails(&store, UserQuery { order: Order::Descending, ..query }).await, expected);
}

pub(super) async fn users_are_ordered_by_when_they_were_made_and_then_by_id(store: Store) {
    for (address, at) in [("c@example.com", 2), ("b@example.com", 1), ("a@example.com", 2)] {
        let new = NewUser { at: moment(at), ..user(address, Role::User) };
        store.users.add(new).await.must();
    }
    let mut expected = ["b@example.com", "c@example.com", "a@example.com"];
    ensure_eq!(emails(&store, every_user()).await, expected);
    expected.reverse();
    let descending = UserQuery { order: Order::Descending, ..every_user() };
    ensure_eq!(emails(&store, descending).await, expected);
}

pub(super) async fn a_page_is_never_longer_than_its_limit_and_says_whether_more_follow(
    store: Store,
) {
    for address in ["a@example.com", "b@example.com", "c@example.com"] {
        add(&store, address).await;
    }
    for (offset, limit, length, has_next) in
        [(0, 2, 2, true), (0, 3, 3, false), (1, 2, 2, false), (2, 5, 1, false), (3, 1, 0, false)]
    {
        let query = UserQuery { start: Start::Offset(offset), limit, ..every_user() };
        let listing = store.users.list(query).await.must();
        ensure_eq!((listing.items.len(), listing.has_next), (length, has_next));
    }
}

pub(super) async fn totals_are_given_where_they_are_asked_for(store: Store) {
    for address in ["a@example.com", "b@example.com", "c@example.org"] {
        add(&store, address).await;
    }
    let total = async |query| store.users.list(query).await.must().total;
    let all = UserQuery { limit: 1, ..every_user() };
    ensure_eq!(total(all.clone()).await, Some(Total { items: 3, exact: true }));
    let some = UserQuery { filter: search("com"), ..all };
    ensure_eq!(total(some.clone()).await, Some(Total { items: 2, exact: true }));
    ensure_eq!(total(UserQuery { count: false, ..some }).await, None);
}

pub(super) async fn every_walk_gives_every_user_once(store: Store) {
    for number in 0..15 {
        let address = format!("{}{number}@example.com", ["B", "a", "C"][number % 3]);
        let at = moment(i64::try_from(number / 4).must());
        store.users.add(NewUser { at, ..user(&address, Role::User) }).await.must();
    }
    let filters = [UserFilter::default(), search("1"), search("example")];
    let orders = [Order::Ascending, Order::Descending];
    for filter in filters {
        for (sort, order) in
            [UserSort::Email, UserSort::CreatedAt].into_iter().flat_map(|s| orders.map(|o| (s, o)))
        {
            let whole = UserQuery { filter: filter.clone(), sort, order, ..every_user() };
            let expected = emails(&store, whole.clone()).await;
            ensure!(!expected.is_empty());
            let mut query = UserQuery { limit: 2, ..whole };
            let mut seen = Vec::new();
            loop {
                let listing = store.users.list(query.clone()).await.must();
                seen.extend(listing.items.iter().map(|user| user.email.as_str().to_owned()));
                let Some(last) = listing.items.last().filter(|_| listing.has_next) else { break };
                ensure!(seen.len() < 1000, "a walk without an end: {query:?}");
                query.start = Start::After(sort.position(last));
            }
            ensure_eq!(seen, expected, "{query:?}");
        }
    }
}

pub(super) async fn a_position_needs_no_user(store: Store) {
    for address in ["b@example.com", "d@example.com"] {
        add(&store, address).await;
    }
    let start = Start::After(Position { key: SortKey::Text(Folded::new("c")), id: UserId::new(0) });
    let query = UserQuery { sort: UserSort::Email, start, ..every_user() };
    ensure_eq!(emails(&store, query.clone()).await, ["d@example.com"]);
    let descending = UserQuery { order: Order::Descending, ..query };
    ensure_eq!(emails(&store, descending).await, ["b@example.com"]);
}
