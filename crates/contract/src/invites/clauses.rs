use bookshelf_domain::accounts::{NewUser, Role, User, UserError, UserId, UserPatch, UserUpdate};
use bookshelf_domain::invites::{
    AcceptError, Invite, InviteError, InviteQuery, InviteSort, NewInvite,
};
use bookshelf_domain::{Expected, IdempotencyKey, Made, Order, Start, Total};

use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::{AddUser, moment, next_id};
use crate::saw::Must;
use crate::users::{add, email, user};

pub(super) async fn admin(store: &Store) -> User {
    store.users.add(user("admin@example.com", Role::Admin)).await.must()
}

/// An invitation of moment 5 that expires at moment 100. The number is the byte of its digest.
pub(crate) fn new(creator: UserId, number: u8) -> NewInvite {
    NewInvite {
        email: None,
        role: Role::User,
        created_by: creator,
        token: format!("token {number}"),
        digest: [number; 32],
        at: moment(5),
        expires_at: moment(100),
        idempotency_key: None,
    }
}

pub(super) async fn make(store: &Store, invite: NewInvite) -> Invite {
    store.invites.insert(invite).await.must().into_inner().invite
}

/// A registration at moment 10.
pub(super) fn guest(address: &str) -> NewUser {
    NewUser { at: moment(10), ..user(address, Role::User) }
}

pub(super) async fn accept(
    store: &Store,
    number: u8,
    user: NewUser,
) -> Result<Made<User>, AcceptError> {
    store.invites.accept([number; 32], user).await
}

pub(super) async fn found(store: &Store, number: u8) -> Option<Invite> {
    store.invites.find_by_digest([number; 32]).await.must()
}

fn key(fingerprint: u8) -> Option<IdempotencyKey> {
    Some(IdempotencyKey { lookup: [1; 32], secret: [2; 32], fingerprint: [fingerprint; 32] })
}

fn assert_invalid(answer: &Result<Made<User>, AcceptError>) {
    ensure!(matches!(answer, Err(AcceptError::Invalid)), "{answer:?}");
}

pub(super) async fn an_invitation_is_found_by_its_digest(store: Store) {
    let admin = admin(&store).await;
    let wish =
        NewInvite { email: Some(email("Ann@Example.com")), role: Role::Admin, ..new(admin.id, 1) };
    let made = make(&store, wish).await;
    ensure_eq!(made.email, Some(email("Ann@Example.com")));
    ensure_eq!((made.role, made.created_by), (Role::Admin, admin.id));
    ensure_eq!((made.created_at, made.expires_at), (moment(5), moment(100)));
    ensure_eq!((made.used_at, made.used_by), (None, None));
    ensure_eq!(found(&store, 1).await, Some(made));
    ensure_eq!(found(&store, 2).await, None);
}

pub(super) async fn an_invitation_of_nobody_is_refused(store: Store) {
    let refused = store.invites.insert(new(UserId::new(1), 1)).await;
    ensure!(matches!(refused, Err(InviteError::NotFound)), "{refused:?}");
}

pub(super) async fn an_invitation_is_created_once_and_its_token_returned_again(store: Store) {
    let admin = admin(&store).await;
    let wish = |number, fingerprint| NewInvite {
        idempotency_key: key(fingerprint),
        ..new(admin.id, number)
    };
    let made = store.invites.insert(wish(1, 1)).await.must().into_inner();
    ensure_eq!(made.token, "token 1");
    ensure_eq!(store.invites.insert(wish(2, 1)).await.must(), Made::Before(made));
    let refused = store.invites.insert(wish(3, 2)).await;
    ensure!(matches!(refused, Err(InviteError::KeyReused(_))), "{refused:?}");
    ensure_eq!(found(&store, 2).await, None);
}

fn every_invite() -> InviteQuery {
    InviteQuery {
        sort: InviteSort::CreatedAt,
        order: Order::Ascending,
        start: Start::Offset(0),
        limit: 100,
        count: true,
    }
}

pub(super) async fn invitations_are_listed_in_pages(store: Store) {
    let admin = admin(&store).await;
    let mut made = Vec::new();
    for (number, at) in [(1, 7), (2, 6), (3, 7)] {
        made.push(make(&store, NewInvite { at: moment(at), ..new(admin.id, number) }).await);
    }
    let ids = |invites: &[Invite]| invites.iter().map(|invite| invite.id).collect::<Vec<_>>();
    let mut expected = vec![made[1].id, made[0].id, made[2].id];
    for order in [Order::Ascending, Order::Descending] {
        let query = InviteQuery { order, ..every_invite() };
        let listing = store.invites.list(query.clone()).await.must();
        ensure_eq!((ids(&listing.items), listing.has_next), (expected.clone(), false));
        ensure_eq!(listing.total, Some(Total { items: 3, exact: true }));
        let first = InviteQuery { limit: 2, count: false, ..query.clone() };
        let listing = store.invites.list(first).await.must();
        ensure_eq!((ids(&listing.items), listing.has_next), (expected[..2].to_vec(), true));
        ensure_eq!(listing.total, None);
        let start = Start::After(InviteSort::CreatedAt.position(&listing.items[1]));
        let rest = store.invites.list(InviteQuery { start, ..query.clone() }).await.must();
        ensure_eq!(ids(&rest.items), expected[2..]);
        let second = InviteQuery { start: Start::Offset(1), ..query };
        ensure_eq!(ids(&store.invites.list(second).await.must().items), expected[1..]);
        expected.reverse();
    }
}

pub(super) async fn a_deleted_invitation_is_gone(store: Store) {
    let admin = admin(&store).await;
    let invite = make(&store, new(admin.id, 1)).await;
    ensure!(!store.invites.delete(next_id(invite.id)).await.must());
    ensure!(store.invites.delete(invite.id).await.must());
    ensure!(!store.invites.delete(invite.id).await.must());
    assert_invalid(&accept(&store, 1, guest("ann@example.com")).await);
}

pub(super) async fn an_accepted_invitation_gives_its_role_and_notes_its_user(store: Store) {
    let admin = admin(&store).await;
    let wish =
        NewInvite { role: Role::Admin, email: Some(email("ann@example.com")), ..new(admin.id, 1) };
    let invite = make(&store, wish).await;
    let ann = accept(&store, 1, guest("ANN@example.com")).await.must().into_inner();
    ensure_eq!((ann.role, ann.email.as_str()), (Role::Admin, "ANN@example.com"));
    ensure_eq!(store.users.find(ann.id).await.must(), Some(ann.clone()));
    let used = Invite { used_at: Some(moment(10)), used_by: Some(ann.id), ..invite };
    ensure_eq!(found(&store, 1).await, Some(used));
}

pub(super) async fn an_invitation_is_accepted_only_once(store: Store) {
    let admin = admin(&store).await;
    make(&store, new(admin.id, 1)).await;
    accept(&store, 1, guest("ann@example.com")).await.must();
    assert_invalid(&accept(&store, 1, guest("bob@example.com")).await);
}

pub(super) async fn an_invitation_that_is_not_valid_is_refused_before_a_taken_name(store: Store) {
    let admin = admin(&store).await;
    let of_bob = NewInvite { email: Some(email("bob@example.com")), ..new(admin.id, 1) };
    make(&store, of_bob).await;
    make(&store, NewInvite { expires_at: moment(10), ..new(admin.id, 2) }).await;
    make(&store, NewInvite { expires_at: moment(11), ..new(admin.id, 3) }).await;
    for number in [1, 2, 9] {
        for address in ["ann@example.com", "admin@example.com"] {
            assert_invalid(&accept(&store, number, guest(address)).await);
        }
    }
    accept(&store, 3, guest("ann@example.com")).await.must();
}

pub(super) async fn a_refused_user_does_not_use_the_invitation(store: Store) {
    let admin = admin(&store).await;
    let invite = make(&store, new(admin.id, 1)).await;
    let taken = accept(&store, 1, guest("ADMIN@example.com")).await;
    ensure!(matches!(taken, Err(AcceptError::User(UserError::EmailTaken { .. }))), "{taken:?}");
    ensure_eq!(found(&store, 1).await, Some(invite));
    accept(&store, 1, guest("ann@example.com")).await.must();
}

fn becoming(user: &User, role: Role) -> UserUpdate {
    let patch = UserPatch { role: Some(role), ..UserPatch::default() };
    UserUpdate { id: user.id, expected: Expected::Any, patch, at: moment(8) }
}

pub(super) async fn an_invitation_of_a_former_admin_is_refused(store: Store) {
    let first = admin(&store).await;
    store.users.add(user("second@example.com", Role::Admin)).await.must();
    make(&store, new(first.id, 1)).await;
    store.users.update(becoming(&first, Role::User)).await.must();
    assert_invalid(&accept(&store, 1, guest("ann@example.com")).await);
    store.users.update(becoming(&first, Role::Admin)).await.must();
    accept(&store, 1, guest("ann@example.com")).await.must();
}

pub(super) async fn a_retry_gets_the_user_although_the_invitation_was_used(store: Store) {
    let admin = admin(&store).await;
    make(&store, new(admin.id, 1)).await;
    let request =
        |fingerprint| NewUser { idempotency_key: key(fingerprint), ..guest("ann@example.com") };
    let made = accept(&store, 1, request(1)).await.must().into_inner();
    ensure_eq!(accept(&store, 1, request(1)).await.must(), Made::Before(made.clone()));
    let stored =
        async |fingerprint, at| store.users.find_created(key(fingerprint).must(), at).await;
    let at = request(1).at;
    ensure_eq!(stored(1, at).await.must(), Some(made));
    ensure!(matches!(stored(2, at).await, Err(UserError::KeyReused(_))));
    ensure_eq!(stored(1, at + IdempotencyKey::LIFETIME).await.must(), None);
    let refused = accept(&store, 1, request(2)).await;
    ensure!(matches!(refused, Err(AcceptError::User(UserError::KeyReused(_)))), "{refused:?}");
}

pub(super) async fn of_simultaneous_registrations_with_one_invitation_one_succeeds(store: Store) {
    let admin = admin(&store).await;
    make(&store, new(admin.id, 1)).await;
    let answers = store
        .at_once(32, |number| {
            let invites = store.invites.clone();
            let user = guest(&format!("{number}@example.com"));
            async move { invites.accept([1; 32], user).await }
        })
        .await;
    let invalid = answers.iter().filter(|answer| matches!(answer, Err(AcceptError::Invalid)));
    ensure_eq!(invalid.count(), 31);
    let made = answers.into_iter().find_map(Result::ok).must().into_inner();
    ensure_eq!(found(&store, 1).await.must().used_by, Some(made.id));
}

pub(super) async fn a_registration_and_a_demotion_of_the_creator_do_not_wait_for_each_other_forever(
    store: Store,
) {
    store.users.add(user("second@example.com", Role::Admin)).await.must();
    for round in 0..8 {
        let address = format!("leaver{round}@example.com");
        let leaver = store.users.add(user(&address, Role::Admin)).await.must();
        make(&store, new(leaver.id, round)).await;
        // The guest takes the address of the leaver, so each waits for what the other changes.
        let outcomes = store
            .at_once(2, |number| {
                let (invites, users) = (store.invites.clone(), store.users.clone());
                let (guest, leaver) = (guest(&address), leaver.id);
                async move {
                    match number {
                        0 => users.delete(leaver, Expected::Any).await.is_ok(),
                        _ => invites.accept([round; 32], guest).await.is_err(),
                    }
                }
            })
            .await;
        ensure_eq!(outcomes, [true, true], "round {round}");
    }
}

pub(super) async fn invitations_go_with_their_creator_and_outlive_their_user(store: Store) {
    let first = admin(&store).await;
    let second = store.users.add(user("second@example.com", Role::Admin)).await.must();
    make(&store, new(first.id, 1)).await;
    let kept = make(&store, new(second.id, 2)).await;
    let ann = accept(&store, 2, guest("ann@example.com")).await.must().into_inner();
    add(&store, "bob@example.com").await;
    store.users.delete(first.id, Expected::Any).await.must();
    store.users.delete(ann.id, Expected::Any).await.must();
    ensure_eq!(found(&store, 1).await, None);
    ensure_eq!(found(&store, 2).await, Some(Invite { used_at: Some(moment(10)), ..kept }));
}

pub(super) async fn a_purge_takes_what_ended_before_up_to_its_limit(store: Store) {
    let admin = admin(&store).await;
    for number in 1..=3 {
        make(&store, NewInvite { expires_at: moment(50), ..new(admin.id, number) }).await;
    }
    make(&store, new(admin.id, 4)).await;
    make(&store, new(admin.id, 5)).await;
    accept(&store, 4, guest("ann@example.com")).await.must();
    ensure_eq!(store.invites.purge(moment(10), 10).await.must(), 0);
    ensure_eq!(store.invites.purge(moment(11), 10).await.must(), 1);
    ensure_eq!(found(&store, 4).await, None);
    ensure_eq!(store.invites.purge(moment(50), 10).await.must(), 0);
    ensure_eq!(store.invites.purge(moment(51), 2).await.must(), 2);
    ensure_eq!(store.invites.purge(moment(51), 2).await.must(), 1);
    ensure!(found(&store, 5).await.is_some());
}
