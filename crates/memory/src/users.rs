use std::collections::BTreeMap;

use async_trait::async_trait;
use bookshelf_domain::accounts::{
    DeleteIf, Email, NewUser, PasswordHash, PasswordUpdate, Role, StoredCredentials, User,
    UserError, UserFilter, UserId, UserQuery, UserRepository, UserUpdate, Username,
};
use bookshelf_domain::{
    Expected, Folded, IdempotencyKey, Listing, Made, StoreError, Timestamp, Version,
};

use crate::{Memory, Tables, list};

#[derive(Default)]
pub(crate) struct Users {
    rows: BTreeMap<UserId, StoredCredentials>,
    last_id: i64,
}

impl Users {
    pub(crate) fn get(&self, id: UserId) -> Option<&User> {
        self.rows.get(&id).map(|row| &row.user)
    }

    fn all(&self) -> impl Iterator<Item = &User> {
        self.rows.values().map(|row| &row.user)
    }

    pub(crate) fn insert(&mut self, new: NewUser) -> Result<User, UserError> {
        if let Some(holder) = self.with_email(&new.email) {
            return Err(UserError::EmailTaken { by: holder.user.id });
        }
        self.check_username(None, new.username.as_ref())?;
        self.last_id += 1;
        let user = User {
            id: UserId::new(self.last_id),
            email: new.email,
            username: new.username,
            name: new.name,
            role: new.role,
            access_epoch: 0,
            version: Version::FIRST,
            created_at: new.at,
            updated_at: new.at,
        };
        let row = StoredCredentials { user: user.clone(), password_hash: new.password_hash };
        self.rows.insert(user.id, row);
        Ok(user)
    }

    fn with_email(&self, email: &Email) -> Option<&StoredCredentials> {
        self.rows.values().find(|row| row.user.email.folded() == email.folded())
    }

    /// Fails if a user other than `owner` has the username.
    fn check_username(
        &self,
        owner: Option<UserId>,
        username: Option<&Username>,
    ) -> Result<(), UserError> {
        let wanted = username.map(Username::folded);
        let holder = self.all().filter(|user| Some(user.id) != owner).find(|user| {
            wanted.is_some() && user.username.as_ref().map(Username::folded) == wanted
        });
        match holder {
            Some(holder) => Err(UserError::UsernameTaken { by: holder.id }),
            None => Ok(()),
        }
    }

    fn expected(&self, id: UserId, expected: &Expected) -> Result<&User, UserError> {
        let user = self.get(id).ok_or(UserError::NotFound)?;
        if expected.allows(user.version) { Ok(user) } else { Err(UserError::Stale) }
    }

    /// Fails if the user has another password hash.
    fn check_hash(&self, id: UserId, verified: &PasswordHash) -> Result<(), UserError> {
        let row = self.rows.get(&id).ok_or(UserError::NotFound)?;
        if row.password_hash == *verified { Ok(()) } else { Err(UserError::PasswordChanged) }
    }

    /// Fails if the user may not be deleted under this condition.
    fn check_deletable(&self, id: UserId, condition: &DeleteIf) -> Result<(), UserError> {
        let user = match condition {
            DeleteIf::Version(expected) => self.expected(id, expected)?,
            DeleteIf::Password(verified) => {
                self.check_hash(id, verified)?;
                self.get(id).ok_or(UserError::NotFound)?
            }
        };
        self.check_last_admin(user)
    }

    /// Fails if the user is the last admin.
    fn check_last_admin(&self, user: &User) -> Result<(), UserError> {
        let another = self.all().any(|other| other.role == Role::Admin && other.id != user.id);
        match user.role == Role::Admin && !another {
            true => Err(UserError::LastAdmin { is: user.id }),
            false => Ok(()),
        }
    }

    fn update(&mut self, update: UserUpdate) -> Result<User, UserError> {
        let before = self.expected(update.id, &update.expected)?.clone();
        let mut user = before.clone();
        update.patch.username.apply(&mut user.username);
        update.patch.name.apply(&mut user.name);
        user.role = update.patch.role.unwrap_or(user.role);
        self.check_username(Some(user.id), user.username.as_ref())?;
        if user.role != before.role {
            self.check_last_admin(&before)?;
            user.access_epoch += 1;
        }
        if user != before {
            user.version = user.version.next();
            user.updated_at = update.at;
        }
        if let Some(row) = self.rows.get_mut(&user.id) {
            row.user = user.clone();
        }
        Ok(user)
    }
}

fn matches(filter: &UserFilter, user: &User) -> bool {
    let UserFilter { search, role } = filter;
    let contains = |text: &str, part: &Folded| Folded::new(text).as_str().contains(part.as_str());
    let username = user.username.as_ref().map(Username::as_str);
    let name = user.name.as_ref().map(|name| name.as_str());
    let texts = [Some(user.email.as_str()), username, name];
    search.as_ref().is_none_or(|part| texts.into_iter().flatten().any(|text| contains(text, part)))
        && role.is_none_or(|role| user.role == role)
}

#[async_trait]
impl UserRepository for Memory {
    async fn insert(&self, mut user: NewUser) -> Result<Made<User>, UserError> {
        let idempotency_key = user.idempotency_key.take();
        let Tables { users, stored_resources, .. } = &mut *self.tables();
        stored_resources.make_once(idempotency_key, user.at, || users.insert(user))
    }

    async fn find_created(
        &self,
        key: IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<User>, UserError> {
        Ok(self.tables().stored_resources.find(&key, at)?)
    }

    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.tables().users.get(id).cloned())
    }

    async fn find_by_email(&self, email: Email) -> Result<Option<StoredCredentials>, StoreError> {
        Ok(self.tables().users.with_email(&email).cloned())
    }

    async fn credentials(&self, id: UserId) -> Result<Option<StoredCredentials>, StoreError> {
        Ok(self.tables().users.rows.get(&id).cloned())
    }

    async fn slowest_hash(&self) -> Result<Option<PasswordHash>, StoreError> {
        let tables = self.tables();
        let hashes = tables.users.rows.values().map(|row| row.password_hash.clone());
        Ok(hashes.max_by(|one, other| one.expose().cmp(other.expose())))
    }

    async fn list(&self, query: UserQuery) -> Result<Listing<User>, StoreError> {
        let rows: Vec<User> = self
            .tables()
            .users
            .all()
            .filter(|user| matches(&query.filter, user))
            .cloned()
            .collect();
        let is_filtered = query.filter != UserFilter::default();
        let total = query.count.then(|| list::total(rows.len(), is_filtered));
        let position = |user: &User| query.sort.position(user);
        let (items, has_next) = list::page(rows, position, query.order, &query.start, query.limit);
        Ok(Listing { items, has_next, total })
    }

    async fn update(&self, update: UserUpdate) -> Result<User, UserError> {
        self.tables().users.update(update)
    }

    async fn set_password(&self, update: PasswordUpdate) -> Result<(), UserError> {
        let tables = &mut *self.tables();
        tables.users.check_hash(update.id, &update.verified)?;
        if let Some(row) = tables.users.rows.get_mut(&update.id) {
            row.password_hash = update.new;
        }
        tables.sessions.end_live(update.id, update.keep, update.at);
        Ok(())
    }

    async fn replace_hash(
        &self,
        id: UserId,
        old: PasswordHash,
        new: PasswordHash,
    ) -> Result<(), StoreError> {
        let rows = &mut self.tables().users.rows;
        if let Some(row) = rows.get_mut(&id).filter(|row| row.password_hash == old) {
            row.password_hash = new;
        }
        Ok(())
    }

    async fn shorten_shelf(
        &self,
        id: UserId,
        condition: DeleteIf,
        most: u32,
    ) -> Result<bool, UserError> {
        let tables = &mut *self.tables();
        tables.users.check_deletable(id, &condition)?;
        let shortened = tables.shelves.delete_oldest(id, most as usize);
        tables.shelves.rate(&mut tables.books);
        Ok(shortened)
    }

    async fn delete(&self, id: UserId, expected: Expected) -> Result<(), UserError> {
        self.tables().delete_user(id, &DeleteIf::Version(expected))
    }

    async fn delete_verified(&self, id: UserId, verified: PasswordHash) -> Result<(), UserError> {
        self.tables().delete_user(id, &DeleteIf::Password(verified))
    }
}

impl Tables {
    fn delete_user(&mut self, id: UserId, condition: &DeleteIf) -> Result<(), UserError> {
        self.users.check_deletable(id, condition)?;
        self.users.rows.remove(&id);
        self.sessions.forget_user(id);
        self.api_keys.delete_of(id);
        self.invites.forget_user(id);
        self.shelves.delete_of_user(id);
        self.shelves.rate(&mut self.books);
        Ok(())
    }
}
