#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod admin;
mod auth;
mod books;
mod call;
mod client;
mod error;
mod exchange;
mod page;
mod reason;
mod retry;
mod session;
mod shelf;
mod transfer;
mod upload;

pub use admin::{
    ApiKey, ApiKeys, CreatedApiKey, CreatedInvite, Invite, Invites, NewApiKey, NewInvite, NewUser,
    Permission, Role, User, UserPatch, UserQuery, UserSort, Users,
};
pub use auth::{Auth, ProfilePatch, Registration, SessionInfo};
pub use books::{Book, BookInput, BookPatch, BookQuery, BookSort, Books, Rating};
pub use client::{Builder, Client, Health};
pub use error::{ApiError, Error};
pub use page::{Change, Count, Order, Page, Pagination, Paging, Tagged};
pub use reason::Reason;
pub use retry::Retry;
pub use session::Tokens;
pub use shelf::{
    ByStatus, EntryFields, EntryPatch, ReadingStatus, Shelf, ShelfEntry, ShelfQuery, ShelfSort,
    ShelfStats, ShelvedBook, YearCount,
};
pub use transfer::{Export, FileFormat, HistoryReport, Import, ImportReport, OnConflict, RowError};
pub use upload::{Download, Upload};
