//! Compares what the server shows after an interruption with what it acknowledged before.

use std::collections::BTreeMap;
use std::mem;

use bookshelf_tests::app::{App, Client};
use serde_json::{Value, json};

use super::model::{Book, Entry, State, Step, Writer};

/// Asserts that the server has exactly what it acknowledged, and perhaps the last step of each
/// writer. Then the writers know which of these steps were carried out.
pub(super) fn check(app: &App, common: &BTreeMap<u64, Book>, writers: &mut [Writer]) {
    let anonymous = app.anonymous();
    let views = walk(&anonymous, "/api/v1/books");
    let mut books: BTreeMap<_, _> = views.iter().map(|view| (id(view), Book::read(view))).collect();
    let mut ratings: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for writer in &mut *writers {
        let seen = take_state(&anonymous, writer, &mut books);
        for entry in seen.entries.values() {
            ratings.entry(entry.book).or_default().extend(entry.rating());
        }
        settle(writer, seen);
    }
    assert_eq!(&books, common, "books that nobody asked for, or lost ones");
    for view in &views {
        let given = ratings.remove(&id(view)).unwrap_or_default();
        assert_eq!(view["rating"], rating(&given), "the entries have {given:?}: {view}");
    }
    for writer in writers {
        go_on(&anonymous, writer);
    }
}

fn id(view: &Value) -> u64 {
    view["id"].as_u64().unwrap()
}

/// Reads a list by cursor, and asserts that its total is the number of its items.
fn walk(client: &Client, list: &str) -> Vec<Value> {
    let first = client.get(&format!("{list}?per_page=100")).expect(200);
    let total: usize = first.header("x-total-count").parse().unwrap();
    let mut items = Vec::new();
    let mut page = first.json();
    loop {
        items.extend(page["data"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { break };
        page = client.get(&format!("{list}?per_page=100&cursor={cursor}")).expect(200).json();
    }
    assert_eq!(items.len(), total, "{list} has another total than items");
    items
}

/// Takes the books of a writer out of those that were found, and reads its shelf.
fn take_state(anonymous: &Client, writer: &Writer, books: &mut BTreeMap<u64, Book>) -> State {
    let is_own = |(_, book): &(u64, Book)| book.title.starts_with(&writer.prefix);
    let (own, others): (BTreeMap<_, _>, _) = mem::take(books).into_iter().partition(is_own);
    *books = others;
    // The index of the search must have the same books.
    let search = format!("/api/v1/books?title={}&per_page=1", writer.prefix);
    let found = anonymous.get(&search).expect(200);
    assert_eq!(found.header("x-total-count"), own.len().to_string(), "found by the search");
    let shelf = walk(&anonymous.bearing(writer.login.clone()), "/api/v1/shelf");
    let entries = shelf.iter().map(|view| (id(view), Entry::read(view))).collect();
    State { books: own, entries }
}

/// Asserts that the state is the acknowledged one, or the one after the pending step.
fn settle(writer: &mut Writer, seen: State) {
    let known = &writer.state;
    if *known != seen {
        let after = writer.pending.as_ref().and_then(|step| known.after(step, &seen));
        assert_eq!(
            seen,
            after.unwrap_or_else(|| known.clone()),
            "{} was told another state; pending: {:?}",
            writer.prefix,
            writer.pending
        );
    }
    writer.state = seen;
}

/// The rating that a book must show: the average in hundredths, rounded half up, and the count.
fn rating(given: &[u64]) -> Value {
    let (sum, count) = (given.iter().sum::<u64>(), given.len() as u64);
    let hundredths = (count > 0).then(|| (200 * sum + count) / (2 * count));
    json!({"average": hundredths.map(|number| number as f64 / 100.0), "count": count})
}

/// Asserts that the session goes on, that a creation without an answer is carried out once, and that
/// an acknowledged one gets the same answer again.
fn go_on(anonymous: &Client, writer: &mut Writer) {
    anonymous.bearing(writer.login.clone()).get("/api/v1/auth/me").expect(200);
    let refreshed = writer.request(anonymous, &Step::Refresh).send();
    writer.acknowledge(&Step::Refresh, &refreshed);
    if let Some(index) = writer.dice.pick(0..writer.created.len()) {
        let again = writer.request(anonymous, &Step::Retry(index)).send();
        writer.assert_replayed(index, &again);
    }
    if let Some(Step::Create(creation)) = writer.pending.take() {
        let is_there = writer.state.books.values().any(|book| *book == creation.book);
        let step = Step::Create(creation.clone());
        let again = writer.request(anonymous, &step).send();
        let replayed = again.header("idempotency-replayed") == "true";
        assert_eq!(replayed, is_there, "{creation:?}: {}", again.text());
        let before = writer.state.books.len();
        writer.acknowledge(&step, &again);
        let added = writer.state.books.len() - before;
        assert_eq!(added, usize::from(!is_there), "{creation:?} was carried out twice");
    }
}
