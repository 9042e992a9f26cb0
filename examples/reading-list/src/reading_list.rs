use std::fmt::Write;
use std::sync::Arc;

use bookshelf_application::accounts::{Client, SessionLimits};
use bookshelf_application::shelves::Shelves;
use bookshelf_application::{AccessRules, Error, Reader, UseCases, Writer};
use bookshelf_domain::accounts::{CredentialsDraft, RegistrationDraft};
use bookshelf_domain::books::BookDraft;
use bookshelf_domain::shelves::{
    ShelfDraft, ShelfEntry, ShelfEntryId, ShelfFilter, ShelfQuery, ShelfSort,
};
use bookshelf_domain::{Change, Expected, Order, Start};
use bookshelf_memory::{Memory, MemoryAccessTokens, PlainPasswords, SeededRandom, TickingClock};
use chrono::TimeDelta;

const HELP: &str = "commands: add TITLE / AUTHOR, status NUMBER STATUS, rate NUMBER STARS, list\n";

/// The shelf of the one user that there is.
pub(crate) struct ReadingList {
    shelves: Shelves,
    reader: Reader,
    writer: Writer,
}

impl ReadingList {
    /// Registers a user, who is then logged in.
    pub(crate) async fn open() -> Result<Self, Error> {
        let clock = Arc::new(TickingClock::starting_at("2026-01-31T12:00:00Z"));
        let random = Arc::new(SeededRandom::new(1));
        let repositories = Memory::new().repositories();
        let use_cases = UseCases::new(repositories, clock, random, AccessRules::default());
        let accounts = use_cases.accounts(
            Arc::new(PlainPasswords::new()),
            Arc::new(MemoryAccessTokens::new()),
            SessionLimits {
                access_token: TimeDelta::days(1),
                refresh_idle: TimeDelta::days(1),
                refresh_total: TimeDelta::days(1),
                reuse_grace: TimeDelta::zero(),
            },
        );
        let (email, password) = (text("ann@example.com"), text("correct horse battery"));
        let credentials = CredentialsDraft {
            email: email.clone(),
            password: password.clone(),
            ..Default::default()
        };
        let registration = RegistrationDraft { email, password, ..Default::default() };
        accounts.register(registration, None).await?;
        let tokens = accounts.login(credentials, Client::default()).await?;
        let caller = accounts.authenticate(&tokens.access_token).await?;
        Ok(Self {
            shelves: use_cases.shelves(),
            reader: caller.clone().into_reader()?,
            writer: caller.into_writer()?,
        })
    }

    /// Carries out a command, and returns the lines that it prints.
    pub(crate) async fn run(&self, command: &str) -> Result<String, Error> {
        let (verb, rest) = command.trim().split_once(' ').unwrap_or((command.trim(), ""));
        match verb {
            "add" => self.add(rest).await.map(|entry| line(&entry)),
            "status" => {
                self.change(rest, |value| ShelfDraft { status: text(value), ..Default::default() })
                    .await
            }
            "rate" => {
                self.change(rest, |value| ShelfDraft {
                    rating: value.parse().map_or(Change::Keep, Change::Set),
                    ..Default::default()
                })
                .await
            }
            "list" => self.list().await,
            "" => Ok(String::new()),
            _ => Ok(HELP.to_owned()),
        }
    }

    async fn add(&self, book: &str) -> Result<ShelfEntry, Error> {
        let (title, author) = book.split_once(" / ").unwrap_or((book, ""));
        let book = BookDraft { title: text(title), author: text(author), ..Default::default() };
        let draft = ShelfDraft { book: Some(book), ..Default::default() };
        Ok(self.shelves.add(&self.writer, draft, None).await?.into_inner())
    }

    /// Changes an entry: `NUMBER VALUE`.
    async fn change(
        &self,
        arguments: &str,
        draft: impl FnOnce(&str) -> ShelfDraft,
    ) -> Result<String, Error> {
        let (number, value) = arguments.split_once(' ').unwrap_or((arguments, ""));
        let number = number.parse().map_err(|_| Error::NotFound("shelf entry"))?;
        let id = ShelfEntryId::new(number);
        let changed = self.shelves.patch(&self.writer, id, Expected::Any, draft(value)).await?;
        Ok(line(&changed))
    }

    async fn list(&self) -> Result<String, Error> {
        let query = ShelfQuery {
            user: self.reader.user_id(),
            filter: ShelfFilter::default(),
            sort: ShelfSort::AddedAt,
            order: Order::Ascending,
            start: Start::Offset(0),
            limit: 100,
            count: false,
        };
        let listing = self.shelves.list(&self.reader, query).await?;
        Ok(listing.items.iter().map(line).collect())
    }
}

fn text(value: &str) -> Change<String> {
    Change::Set(value.to_owned())
}

fn line(entry: &ShelfEntry) -> String {
    let book = &entry.book.fields;
    let (title, author, status) =
        (book.title.as_str(), book.author.as_str(), entry.fields.status.as_str());
    let mut line = format!("{}: {title} by {author}, {status}", entry.id);
    if let Some(rating) = entry.fields.rating {
        // Writing to a text cannot fail.
        let _ = write!(line, ", {} of 5 stars", rating.get());
    }
    line + "\n"
}
