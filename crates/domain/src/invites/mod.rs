//! Invitations. An admin invites a person, who registers with the token of the invitation.

mod draft;
mod invite;
mod query;
mod repository;

pub use draft::{InviteDraft, InviteFields};
pub use invite::{CreatedInvite, Invite, InviteDigest, InviteId, NewInvite};
pub use query::{InviteQuery, InviteSort};
#[cfg(feature = "mocks")]
pub use repository::MockInviteRepository;
pub use repository::{AcceptError, InviteError, InviteRepository};
