use std::fmt;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::saw::{self, Raised, raised};
use crate::{Broken, ClauseId, Fixture, IntoFixture, Report, Skipped, Verdict};

/// One MUST clause of a port, with the check whether it holds.
pub struct Clause<S: 'static> {
    /// The name of the clause.
    pub id: ClauseId,
    /// What the port demands.
    pub text: &'static str,
    check: fn(Fixture<S>) -> BoxFuture<'static, ()>,
}

impl<S> Clause<S> {
    pub(crate) fn new(
        port: &'static str,
        name: &'static str,
        text: &'static str,
        check: fn(Fixture<S>) -> BoxFuture<'static, ()>,
    ) -> Self {
        Self { id: ClauseId { port, name }, text, check }
    }

    /// Checks the clause on an empty store. A panic, also one of the factory, breaks the clause.
    pub async fn check<F, Made>(&self, factory: F) -> Verdict
    where
        F: FnOnce() -> Made,
        Made: Future<Output: IntoFixture<S>>,
    {
        let check = async {
            match factory().await.into_fixture() {
                Some(store) => (self.check)(store).await,
                None => saw::skip("the factory has no store"),
            }
        };
        match AssertUnwindSafe(check).catch_unwind().await.map_err(raised) {
            Ok(()) => Verdict::Passed,
            Err(Raised::Broken(saw)) => {
                Verdict::Broken(Broken { clause: self.id, text: self.text, saw })
            }
            Err(Raised::Skipped(reason)) => self.skipped(reason),
        }
    }

    fn skipped(&self, reason: String) -> Verdict {
        Verdict::Skipped(Skipped { clause: self.id, reason })
    }
}

impl<S> fmt::Debug for Clause<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}", self.id, self.text)
    }
}

/// The clauses of one or several ports that share a store.
#[derive(Debug)]
pub struct Contract<S: 'static> {
    clauses: Vec<Clause<S>>,
    /// Names and reasons.
    skipped: Vec<(String, String)>,
}

impl<S> Contract<S> {
    pub(crate) fn new(clauses: Vec<Clause<S>>) -> Self {
        Self { clauses, skipped: Vec::new() }
    }

    /// All clauses, the skipped ones too.
    pub fn clauses(&self) -> &[Clause<S>] {
        &self.clauses
    }

    /// Leaves out a clause.
    ///
    /// # Panics
    ///
    /// If there is no clause of this name, because such a line is out of date.
    #[track_caller]
    #[must_use]
    pub fn skip(mut self, name: &str, because: &str) -> Self {
        self.clause(name);
        self.skipped.push((name.to_owned(), because.to_owned()));
        self
    }

    #[doc(hidden)]
    #[track_caller]
    #[must_use]
    pub fn skip_all(self, skipped: &[(&str, &str)]) -> Self {
        skipped.iter().fold(self, |contract, (name, because)| contract.skip(name, because))
    }

    /// Checks every clause, one after the other, each on a store of its own. It never panics.
    pub async fn run<F, Made>(&self, factory: F) -> Report
    where
        F: Fn() -> Made,
        Made: Future<Output: IntoFixture<S>>,
    {
        let mut report = Report::default();
        for clause in &self.clauses {
            report.add(clause.id, self.verdict(clause, &factory).await);
        }
        report
    }

    /// Checks one clause, as a test.
    ///
    /// # Panics
    ///
    /// If there is no clause of this name, or if it is broken.
    #[doc(hidden)]
    pub async fn test<F, Made>(&self, name: &str, factory: F)
    where
        F: Fn() -> Made,
        Made: Future<Output: IntoFixture<S>>,
    {
        let (mut report, clause) = (Report::default(), self.clause(name));
        report.add(clause.id, self.verdict(clause, factory).await);
        report.assert();
    }

    async fn verdict<F, Made>(&self, clause: &Clause<S>, factory: F) -> Verdict
    where
        F: Fn() -> Made,
        Made: Future<Output: IntoFixture<S>>,
    {
        match self.skipped.iter().find(|(name, _)| name == clause.id.name) {
            Some((_, reason)) => clause.skipped(reason.clone()),
            None => clause.check(factory).await,
        }
    }

    #[track_caller]
    #[expect(clippy::panic, reason = "the name is a part of the test's source")]
    fn clause(&self, name: &str) -> &Clause<S> {
        let found = self.clauses.iter().find(|clause| clause.id.name == name);
        found.unwrap_or_else(|| panic!("there is no clause {name:?}"))
    }
}
