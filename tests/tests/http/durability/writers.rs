//! Clients that write until the server no longer answers.

use std::sync::atomic::{AtomicUsize, Ordering};

use bookshelf_tests::app::{Answer, Client, Login, Request};
use serde_json::{Value, json};

use super::model::{Book, Creation, Entry, Step, Writer};

/// Above this number of books and entries a writer deletes as often as it adds.
const PLENTY: usize = 40;

impl Writer {
    /// Takes one step after the other until an answer does not arrive, or says that the database is
    /// away. Counts the acknowledged steps.
    pub(super) fn work(&mut self, anonymous: &Client, common: &[u64], acknowledged: &AtomicUsize) {
        loop {
            let step = self.choose(common);
            self.pending = Some(step.clone());
            let Ok(answer) = self.request(anonymous, &step).try_send() else { return };
            if answer.status == 503 {
                return;
            }
            self.acknowledge(&step, &answer);
            self.pending = None;
            acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn choose(&mut self, common: &[u64]) -> Step {
        let stamp = self.dice.next() >> 12;
        let has_plenty = self.state.books.len() + self.state.entries.len() > PLENTY;
        loop {
            let step = match self.dice.below(10) {
                0..=2 if has_plenty => self.own_book().map(|book| Step::Delete { book }),
                0..=1 => Some(Step::Create(Creation { key: self.name(), book: self.book(stamp) })),
                2 => Some(Step::ShelveNew(self.book(stamp))),
                3 => self.own_book().map(|book| Step::Patch { book, stamp }),
                4 => self.own_book().map(|book| Step::Delete { book }),
                5 => self.unshelved(common).map(|book| Step::Shelve { book, stamp }),
                6 => self.own_entry().map(|entry| Step::Rate { entry, stamp }),
                7 => self.own_entry().map(|entry| Step::Unshelve { entry }),
                8 => Some(Step::Refresh),
                _ => self.dice.pick(0..self.created.len()).map(Step::Retry),
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    /// A book of this writer, or one that all writers rate.
    fn unshelved(&mut self, common: &[u64]) -> Option<u64> {
        let shelved: Vec<_> = self.state.entries.values().map(|entry| entry.book).collect();
        let books = self.state.books.keys().chain(common).copied();
        self.dice.pick(books.filter(|book| !shelved.contains(book)))
    }

    fn own_book(&mut self) -> Option<u64> {
        self.dice.pick(self.state.books.keys().copied())
    }

    fn own_entry(&mut self) -> Option<u64> {
        self.dice.pick(self.state.entries.keys().copied())
    }

    fn book(&mut self, stamp: u64) -> Book {
        Book { title: self.name(), stamp }
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("{}{}", self.prefix, self.names)
    }

    pub(super) fn request(&self, anonymous: &Client, step: &Step) -> Request {
        let user = anonymous.bearing(self.login.clone());
        let path = |kind: &str, id: u64| format!("/api/v1/{kind}/{id}");
        let shelve = |mut fields: Value, name: &str, book: Value| {
            fields[name] = book;
            user.request("POST", "/api/v1/shelf").json(&fields)
        };
        match step {
            Step::Create(creation) => create(&user, creation),
            Step::Retry(index) => create(&user, &self.created[*index].0),
            Step::Patch { book, stamp } => {
                user.request("PATCH", &path("books", *book)).json(&Book::changes(*stamp))
            }
            Step::Delete { book } => {
                user.request("DELETE", &(path("books", *book) + "?force=true"))
            }
            Step::Shelve { book, stamp } => shelve(Entry::changes(*stamp), "book_id", json!(book)),
            Step::ShelveNew(book) => shelve(Entry::changes(book.stamp), "book", book.fields()),
            Step::Rate { entry, stamp } => {
                user.request("PATCH", &path("shelf", *entry)).json(&Entry::changes(*stamp))
            }
            Step::Unshelve { entry } => user.request("DELETE", &path("shelf", *entry)),
            Step::Refresh => {
                let refresh = anonymous.request("POST", "/api/v1/auth/refresh");
                refresh.bearer(&self.login.refresh_token)
            }
        }
    }

    /// Notes what the server has acknowledged. Every step is one that it must carry out.
    pub(super) fn acknowledge(&mut self, step: &Step, answer: &Answer) {
        let success = match step {
            Step::Create(_) | Step::Retry(_) | Step::Shelve { .. } | Step::ShelveNew(_) => 201,
            Step::Delete { .. } | Step::Unshelve { .. } => 204,
            Step::Patch { .. } | Step::Rate { .. } | Step::Refresh => 200,
        };
        assert_eq!(answer.status, success, "{step:?}: {}", answer.text());
        let id = |value: &Value| value["id"].as_u64();
        let (book, entry) = match step {
            Step::Create(_) => (id(&answer.data()), None),
            Step::Shelve { .. } | Step::ShelveNew(_) => {
                (id(&answer.data()["book"]), id(&answer.data()))
            }
            _ => (None, None),
        };
        self.state.apply(step, book, entry);
        match step {
            Step::Create(creation) => self.created.push((creation.clone(), answer.body.clone())),
            Step::Refresh => self.login = Login::from(answer.data()),
            Step::Retry(index) => self.assert_replayed(*index, answer),
            _ => {}
        }
    }

    /// Asserts that a creation that is sent again gets the same answer.
    pub(super) fn assert_replayed(&self, index: usize, answer: &Answer) {
        let (creation, first) = &self.created[index];
        assert_eq!(answer.header("idempotency-replayed"), "true", "{creation:?}");
        assert_eq!(&answer.body, first, "{creation:?}");
    }
}

fn create(user: &Client, creation: &Creation) -> Request {
    user.request("POST", "/api/v1/books")
        .header("idempotency-key", &creation.key)
        .json(&creation.book.fields())
}
