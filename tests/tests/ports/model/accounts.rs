use bookshelf_contract::Store;
use bookshelf_contract::sample::{AddUser, email, line, moment};
use bookshelf_domain::accounts::{
    NewSession, NewUser, PasswordHash, PasswordUpdate, Role, Rotated, Rotation, RotationError,
    Session, SessionUser, User, UserError, UserFilter, UserId, UserPatch, UserQuery, UserSort,
    UserUpdate, Username,
};
use bookshelf_domain::{Change, Expected, Folded, Id, Order, Start, Timestamp, Version};
use bookshelf_tests::store;
use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::text::{part, text};

/// So many seconds after the last step, this is done.
#[derive(Debug, Clone)]
pub(super) struct Step {
    seconds: i64,
    command: Command,
    listed: (UserFilter, UserSort, Order),
}

/// An index picks one among all the users, sessions or refresh tokens that were ever made.
#[derive(Debug, Clone)]
enum Command {
    Insert {
        email: String,
        username: Option<Username>,
        name: Option<String>,
        role: Role,
    },
    Update(Index, Expected, UserPatch),
    /// `is_late`: another change came first.
    SetPassword {
        user: Index,
        keep: Option<Index>,
        is_late: bool,
    },
    Delete(Index, Expected),
    Open(Index),
    Rotate {
        shown: Index,
        grace: i64,
    },
    End {
        user: Index,
        session: Index,
    },
    EndAll(Index),
    Purge {
        age: i64,
    },
}

fn name() -> impl Strategy<Value = String> {
    text().prop_filter("a name", |text| !text.trim().is_empty())
}

fn username() -> impl Strategy<Value = Username> {
    select(&["ann", "ANN", "bob", "b_b", "b.b"][..]).prop_map(|name| Username::parse(name).unwrap())
}

fn role() -> impl Strategy<Value = Role> {
    select(&[Role::User, Role::Admin][..])
}

fn patch() -> impl Strategy<Value = UserPatch> {
    (option::of(option::of(username())), option::of(option::of(name())), option::of(role()))
        .prop_map(|(username, name, role)| {
            fn change<T>(change: Option<Option<T>>) -> Change<T> {
                change.map_or(Change::Keep, |value| value.map_or(Change::Clear, Change::Set))
            }
            let name = name.map(|name| name.map(|name| line(&name)));
            UserPatch { username: change(username), name: change(name), role }
        })
}

fn expected() -> impl Strategy<Value = Expected> {
    prop_oneof![3 => Just(Expected::Any), 1 => vec((1..4i64).prop_map(Version::new), 0..3).prop_map(Expected::OneOf)]
}

fn command() -> impl Strategy<Value = Command> {
    let email = select(&["ann@x.org", "ANN@x.org", "bob@x.org", "b_b@x.org", "z@example.com"][..]);
    let user = (email, option::of(username()), option::of(name()), role());
    let index = any::<Index>;
    prop_oneof![
        3 => user.prop_map(|(email, username, name, role)| {
            Command::Insert { email: email.to_owned(), username, name, role }
        }),
        2 => (index(), expected(), patch()).prop_map(|(i, e, p)| Command::Update(i, e, p)),
        1 => (index(), option::of(index()), any::<bool>())
            .prop_map(|(user, keep, is_late)| Command::SetPassword { user, keep, is_late }),
        1 => (index(), expected()).prop_map(|(i, e)| Command::Delete(i, e)),
        3 => index().prop_map(Command::Open),
        8 => (index(), select(&[0, 10][..]))
            .prop_map(|(shown, grace)| Command::Rotate { shown, grace }),
        1 => (index(), index()).prop_map(|(user, session)| Command::End { user, session }),
        1 => index().prop_map(Command::EndAll),
        1 => (0..20i64).prop_map(|age| Command::Purge { age }),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let filter = (option::of(part()), option::weighted(0.2, role()))
        .prop_map(|(part, role)| UserFilter { search: part.map(|part| Folded::new(&part)), role });
    let sort = select(&[UserSort::Email, UserSort::CreatedAt][..]);
    let order = select(&[Order::Ascending, Order::Descending][..]);
    (1..12i64, command(), (filter, sort, order)).prop_map(|(seconds, command, listed)| Step {
        seconds,
        command,
        listed,
    })
}

/// The ids of what was made in the fake and in the other store, where they may differ.
struct Made<T>(Vec<(Id<T>, Id<T>)>);

impl<T> Made<T> {
    fn pick(&self, index: Index) -> (Id<T>, Id<T>) {
        let made = self.0.get(index.index(self.0.len() + 1)).copied();
        made.unwrap_or((Id::new(i64::MAX), Id::new(i64::MAX)))
    }

    fn in_fake(&self, other: Id<T>) -> Id<T> {
        self.0.iter().find(|made| made.1 == other).unwrap().0
    }
}

struct Pair {
    fake: Store,
    other: Store,
    users: Made<User>,
    sessions: Made<Session>,
    /// Every refresh token that was ever offered, by its number.
    tokens: u16,
    now: Timestamp,
}

fn digest(token: u16) -> [u8; 32] {
    let mut digest = [0; 32];
    digest[..2].copy_from_slice(&token.to_be_bytes());
    digest
}

/// The kind of a failure of either store, for an error of its own is none.
fn kind<E: std::fmt::Debug>(error: E) -> String {
    let kind = format!("{error:?}");
    assert!(!kind.contains("Store"), "{kind}");
    kind
}

impl Pair {
    fn user_in_fake(&self, user: User) -> User {
        User { id: self.users.in_fake(user.id), ..user }
    }

    fn session_in_fake(&self, session: Session) -> Session {
        let id = self.sessions.in_fake(session.id);
        Session { id, user_id: self.users.in_fake(session.user_id), ..session }
    }

    fn both_in_fake(&self, both: SessionUser) -> SessionUser {
        let session = self.session_in_fake(both.session);
        SessionUser { session, user: self.user_in_fake(both.user) }
    }

    fn error_in_fake(&self, error: UserError) -> UserError {
        let in_fake = |id| self.users.in_fake(id);
        match error {
            UserError::EmailTaken { by } => UserError::EmailTaken { by: in_fake(by) },
            UserError::UsernameTaken { by } => UserError::UsernameTaken { by: in_fake(by) },
            UserError::LastAdmin { is } => UserError::LastAdmin { is: in_fake(is) },
            error => error,
        }
    }

    fn assert_same(&self, fake: Result<User, UserError>, other: Result<User, UserError>) {
        let other = other.map(|user| self.user_in_fake(user));
        let other = other.map_err(|error| self.error_in_fake(error));
        assert_eq!(fake.map_err(kind), other.map_err(kind));
    }

    async fn run(&mut self, command: Command) {
        let at = self.now;
        match command {
            Command::Insert { email: address, username, name, role } => {
                let new = NewUser {
                    email: email(&address),
                    username,
                    name: name.map(|name| line(&name)),
                    role,
                    password_hash: PasswordHash::new(address),
                    at,
                    idempotency_key: None,
                };
                let fake = self.fake.users.add(new.clone()).await;
                let other = self.other.users.add(new).await;
                if let (Ok(fake), Ok(other)) = (&fake, &other) {
                    self.users.0.push((fake.id, other.id));
                }
                self.assert_same(fake, other);
            }
            Command::Update(index, expected, patch) => {
                let (id, id_in_other) = self.users.pick(index);
                let update = UserUpdate { id, expected, patch, at };
                let fake = self.fake.users.update(update.clone()).await;
                let update = UserUpdate { id: id_in_other, ..update };
                self.assert_same(fake, self.other.users.update(update).await);
            }
            Command::SetPassword { user, keep, is_late } => {
                let (id, id_in_other) = self.users.pick(user);
                let (keep, keep_in_other) = keep.map(|keep| self.sessions.pick(keep)).unzip();
                let stored = self.fake.users.credentials(id).await.unwrap();
                let verified = stored
                    .filter(|_| !is_late)
                    .map_or_else(|| PasswordHash::new("gone"), |stored| stored.password_hash);
                let new = PasswordHash::new(at.to_string());
                let update = PasswordUpdate { id, verified, new, keep, at };
                let fake = self.fake.users.set_password(update.clone()).await;
                let update = PasswordUpdate { id: id_in_other, keep: keep_in_other, ..update };
                let other = self.other.users.set_password(update).await;
                assert_eq!(fake.map_err(kind), other.map_err(kind));
            }
            Command::Delete(index, expected) => {
                let (id, id_in_other) = self.users.pick(index);
                let fake = self.fake.users.delete(id, expected.clone()).await;
                let other = self.other.users.delete(id_in_other, expected).await;
                let other = other.map_err(|error| self.error_in_fake(error));
                assert_eq!(fake.map_err(kind), other.map_err(kind));
            }
            Command::Open(user) => self.open(user).await,
            Command::Rotate { shown, grace } => self.rotate(shown, grace).await,
            Command::End { user, session } => {
                let (user, user_in_other) = self.users.pick(user);
                let (id, id_in_other) = self.sessions.pick(session);
                let fake = self.fake.sessions.end(user, id, at).await.unwrap();
                let other = self.other.sessions.end(user_in_other, id_in_other, at).await;
                assert_eq!(fake, other.unwrap());
            }
            Command::EndAll(user) => {
                let (user, user_in_other) = self.users.pick(user);
                let fake = self.fake.sessions.end_all(user, at).await.unwrap();
                assert_eq!(fake, self.other.sessions.end_all(user_in_other, at).await.unwrap());
            }
            Command::Purge { age } => {
                let before = at - TimeDelta::seconds(age);
                let fake = self.fake.sessions.purge(before, 1000).await.unwrap();
                assert_eq!(fake, self.other.sessions.purge(before, 1000).await.unwrap());
            }
        }
    }

    async fn open(&mut self, user: Index) {
        let (user_id, user_in_other) = self.users.pick(user);
        self.tokens += 1;
        let new = NewSession {
            user_id,
            refresh: digest(self.tokens),
            user_agent: None,
            address: None,
            at: self.now,
            idle_until: self.now + TimeDelta::seconds(40),
            expires_at: self.now + TimeDelta::seconds(120),
        };
        let fake = self.fake.sessions.open(new.clone()).await.unwrap();
        let new = NewSession { user_id: user_in_other, ..new };
        let other = self.other.sessions.open(new).await.unwrap();
        if let (Some(fake), Some(other)) = (&fake, &other) {
            self.sessions.0.push((fake.id, other.id));
        }
        assert_eq!(fake, other.map(|session| self.session_in_fake(session)));
    }

    async fn rotate(&mut self, shown: Index, grace: i64) {
        let shown = digest(u16::try_from(shown.index(usize::from(self.tokens) + 1)).unwrap() + 1);
        self.tokens += 1;
        let rotation = Rotation {
            shown,
            successor: digest(self.tokens),
            salt: digest(self.tokens)[..16].try_into().unwrap(),
            at: self.now,
            idle_until: self.now + TimeDelta::seconds(40),
            grace: TimeDelta::seconds(grace),
        };
        let fake = self.fake.sessions.rotate(rotation.clone()).await;
        let other = self.other.sessions.rotate(rotation).await;
        let other = match other {
            Ok(Rotated::Fresh(session)) => Ok(Rotated::Fresh(self.both_in_fake(session))),
            Ok(Rotated::Again { salt, session }) => {
                Ok(Rotated::Again { salt, session: self.both_in_fake(session) })
            }
            Err(RotationError::Reused { session, user }) => Err(RotationError::Reused {
                session: self.sessions.in_fake(session),
                user: self.users.in_fake(user),
            }),
            Err(error) => Err(error),
        };
        assert_eq!(fake.map_err(kind), other.map_err(kind));
    }

    async fn compare_all(&self) {
        for (id, id_in_other) in &self.users.0 {
            self.compare_user(*id, *id_in_other).await;
        }
        for (id, id_in_other) in &self.sessions.0 {
            let fake = self.fake.sessions.find(*id).await.unwrap();
            let other = self.other.sessions.find(*id_in_other).await.unwrap();
            assert_eq!(fake, other.map(|session| self.both_in_fake(session)));
        }
    }

    async fn compare_user(&self, id: UserId, id_in_other: UserId) {
        let fake = self.fake.users.credentials(id).await.unwrap();
        let other = self.other.users.credentials(id_in_other).await.unwrap();
        assert_eq!(
            fake.map(|row| (row.user, row.password_hash)),
            other.map(|row| (self.user_in_fake(row.user), row.password_hash))
        );
        let fake = self.fake.sessions.list_live(id, self.now).await.unwrap();
        let other = self.other.sessions.list_live(id_in_other, self.now).await.unwrap();
        let other = other.into_iter().map(|session| self.session_in_fake(session));
        assert_eq!(fake, other.collect::<Vec<_>>());
    }

    async fn compare_list(&self, (filter, sort, order): (UserFilter, UserSort, Order)) {
        let start = Start::Offset(0);
        let query = UserQuery { filter, sort, order, start, limit: 3, count: true };
        let fake = self.fake.users.list(query.clone()).await.unwrap();
        let other = self.other.users.list(query.clone()).await.unwrap();
        assert_eq!((fake.has_next, fake.total), (other.has_next, other.total), "{query:?}");
        let items: Vec<_> = other.items.into_iter().map(|user| self.user_in_fake(user)).collect();
        assert_eq!(fake.items, items, "{query:?}");
    }
}

pub(super) async fn answers_like_the_fake(other: Store, steps: Vec<Step>) {
    let mut pair = Pair {
        fake: store::memory(),
        other,
        users: Made(Vec::new()),
        sessions: Made(Vec::new()),
        tokens: 0,
        now: moment(0),
    };
    for step in steps {
        pair.now += TimeDelta::seconds(step.seconds);
        pair.run(step.command).await;
        pair.compare_list(step.listed).await;
    }
    pair.compare_all().await;
}
