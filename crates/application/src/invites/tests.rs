//! The use cases of invitations, through mocked ports.

use std::sync::Arc;

use bookshelf_domain::accounts::{Role, UserId};
use bookshelf_domain::invites::{
    CreatedInvite, Invite, InviteDraft, InviteId, MockInviteRepository,
};
use bookshelf_domain::{Change, Made};
use chrono::TimeDelta;

use super::{InviteToken, Invites};
use crate::Error;
use crate::tests::{Repeating, admin_writer, clock, now};

fn invites(repository: MockInviteRepository) -> Invites {
    Invites::new(Arc::new(repository), clock(), Arc::new(Repeating(7)))
}

#[tokio::test]
async fn the_repository_gets_the_digest_of_the_token_that_is_shown() {
    let mut repository = MockInviteRepository::new();
    repository.expect_insert().once().returning(|new| {
        assert_eq!(new.digest, InviteToken::parse(&new.token).unwrap().digest());
        let invite = Invite {
            id: InviteId::new(4),
            email: new.email,
            role: new.role,
            created_by: new.created_by,
            created_at: new.at,
            expires_at: new.expires_at,
            used_at: None,
            used_by: None,
        };
        Ok(Made::Now(CreatedInvite { invite, token: new.token }))
    });
    let draft = InviteDraft { role: Change::Set("admin".into()), ..InviteDraft::default() };
    let made = invites(repository).create(&admin_writer(), draft, None).await.unwrap();
    let CreatedInvite { invite, token } = made.into_inner();
    assert!(token.starts_with("bki_"));
    assert_eq!((invite.role, invite.created_by), (Role::Admin, UserId::new(1)));
    assert_eq!(invite.expires_at, now() + Invite::LIFETIME);
}

#[tokio::test]
async fn an_invitation_that_does_not_exist_cannot_be_revoked() {
    let mut repository = MockInviteRepository::new();
    repository.expect_delete().returning(|_| Ok(false));
    let error = invites(repository).revoke(&admin_writer(), InviteId::new(4)).await.unwrap_err();
    assert!(matches!(error, Error::NotFound("invitation")));
}

#[tokio::test]
async fn invitations_that_ended_a_month_ago_are_purged() {
    let mut repository = MockInviteRepository::new();
    repository
        .expect_purge()
        .withf(|before, limit| *before == now() - TimeDelta::days(30) && *limit == 200)
        .once()
        .returning(|_, _| Ok(3));
    assert_eq!(invites(repository).purge(200).await.unwrap(), 3);
}
