//! Planting a fault: a mock of one port that does as the memory adapter does, but for one method.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bookshelf_contract::{Contract, Fixture, Verdict};
use bookshelf_domain::accounts::{MockSessionRepository, MockUserRepository};
use bookshelf_domain::api_keys::MockApiKeyRepository;
use bookshelf_domain::books::{MockBookReader, MockBookRepository};
use bookshelf_domain::invites::MockInviteRepository;
use bookshelf_domain::shelves::MockShelfRepository;
use bookshelf_domain::{MockIdempotencyRepository, Repositories};
use bookshelf_memory::Memory;
use futures_util::FutureExt;

/// A fault, and the clauses that it breaks: these and no others.
pub(crate) struct Fault {
    pub(crate) what: &'static str,
    pub(crate) plant: fn(&Repositories) -> Repositories,
    /// Whether the store is empty when it is opened again.
    pub(crate) forgets: bool,
    pub(crate) breaks: &'static [&'static str],
}

/// A store that does not keep anything durably.
pub(crate) const FORGETFUL: Fault = Fault {
    what: "nothing is there after reopening",
    plant: Repositories::clone,
    forgets: true,
    breaks: &["what_was_written_is_there_after_reopening"],
};

/// The memory adapter does not wait.
pub(crate) fn now<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().unwrap()
}

/// Counts from one.
#[derive(Default)]
pub(crate) struct Count(AtomicUsize);

impl Count {
    pub(crate) fn next(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Counts one more, and returns whether that is the number.
    pub(crate) fn reaches(&self, number: usize) -> bool {
        self.next() == number
    }
}

/// Makes a [`Fault`] of one method of one port. `$memory` are the repositories of the memory
/// adapter, and `$state` is kept between calls.
macro_rules! fault {
    ($what:literal: $port:ident.$expect:ident |$memory:ident $(, $argument:pat_param)*|
     $(@$state:ident = $first:expr;)? $body:expr, breaks $($clause:literal)*) => {
        $crate::plant::Fault {
            what: $what,
            plant: |memory| {
                let $memory = memory.clone();
                $(let $state = $first;)?
                $crate::plant::$port(memory, move |mock| {
                    mock.$expect().returning(move |$($argument),*| $body);
                })
            },
            forgets: false,
            breaks: &[$($clause),*],
        }
    };
}

pub(crate) use fault;

/// Makes the function that replaces one port by a mock, which does what `plant` says first.
macro_rules! ports {
    ($($port:ident: $mock:ident { $($expect:ident $method:ident($($argument:ident),*))+ })+) => {$(
        pub(crate) fn $port(memory: &Repositories, plant: impl FnOnce(&mut $mock)) -> Repositories {
            let mut mock = $mock::new();
            plant(&mut mock);
            $(
                let port = memory.$port.clone();
                mock.$expect().returning(move |$($argument),*| now(port.$method($($argument),*)));
            )+
            Repositories { $port: Arc::new(mock), ..memory.clone() }
        }
    )+};
}

ports! {
    book_reader: MockBookReader {
        expect_find find(id)
        expect_find_by_isbn find_by_isbn(isbn)
        expect_list list(query)
    }
    books: MockBookRepository {
        expect_insert insert(book)
        expect_read_after read_after(after, limit)
        expect_update update(update)
        expect_set_cover set_cover(update)
        expect_used_covers used_covers(names)
        expect_delete delete(id, expected, shelved)
        expect_import import(batch)
    }
    users: MockUserRepository {
        expect_insert insert(user)
        expect_find_created find_created(key, at)
        expect_find find(id)
        expect_find_by_email find_by_email(email)
        expect_credentials credentials(id)
        expect_slowest_hash slowest_hash()
        expect_list list(query)
        expect_update update(update)
        expect_set_password set_password(update)
        expect_replace_hash replace_hash(id, old, new)
        expect_shorten_shelf shorten_shelf(id, condition, most)
        expect_delete delete(id, expected)
        expect_delete_verified delete_verified(id, verified)
    }
    sessions: MockSessionRepository {
        expect_open open(session)
        expect_find find(id)
        expect_rotate rotate(rotation)
        expect_list_live list_live(user, at)
        expect_end end(user, id, at)
        expect_end_by_token end_by_token(token, at)
        expect_end_all end_all(user, at)
        expect_purge purge(before, limit)
    }
    shelves: MockShelfRepository {
        expect_insert insert(entry)
        expect_find find(user, id)
        expect_list list(query)
        expect_update update(update)
        expect_delete delete(user, id, expected)
        expect_stats stats(user)
        expect_read_after read_after(user, after, limit)
        expect_import import(user, batch)
    }
    api_keys: MockApiKeyRepository {
        expect_insert insert(key)
        expect_find_created find_created(key, at)
        expect_find_by_prefix find_by_prefix(prefix)
        expect_list list(user)
        expect_delete delete(user, id)
        expect_touch touch(id, at)
    }
    invites: MockInviteRepository {
        expect_insert insert(invite)
        expect_find_created find_created(key, at)
        expect_find_by_digest find_by_digest(digest)
        expect_list list(query)
        expect_delete delete(id)
        expect_accept accept(digest, user)
        expect_purge purge(before, limit)
    }
    idempotency: MockIdempotencyRepository {
        expect_purge purge(before, limit)
    }
}

/// Checks that every fault breaks its clauses and no others. The `slow` clauses are checked only
/// where a fault names them.
pub(crate) async fn every_fault_is_found(
    contract: Contract<Repositories>,
    faults: &[Fault],
    slow: &[&str],
) {
    let mut wrong = Vec::new();
    for fault in faults.iter().chain([&FORGETFUL]) {
        let Fault { what, plant, forgets, breaks } = *fault;
        let mut broken = Vec::new();
        for clause in contract.clauses() {
            let name = clause.id.name;
            if slow.contains(&name) && !breaks.contains(&name) {
                continue;
            }
            let store = || async {
                let memory = Memory::new().repositories();
                let planted = plant(&memory);
                let opened = if forgets { Memory::new().repositories() } else { memory };
                Fixture::new(planted).reopen(move || std::future::ready(plant(&opened)))
            };
            if let Verdict::Broken(_) = clause.check(store).await {
                broken.push(name);
            }
        }
        if broken != breaks {
            wrong.push(format!("{what}: breaks {broken:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Checks that some fault breaks every clause.
pub(crate) fn every_clause_is_broken(contract: &Contract<Repositories>, faults: &[Fault]) {
    let is_broken =
        |name: &str| faults.iter().chain([&FORGETFUL]).any(|fault| fault.breaks.contains(&name));
    let names = contract.clauses().iter().map(|clause| clause.id.name);
    let left: Vec<_> = names.filter(|name| !is_broken(name)).collect();
    assert_eq!(left, [""; 0], "no fault breaks these clauses");
}
