use std::fmt;

/// The name of a clause: `books::insert/ids_grow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClauseId {
    /// The method of the port.
    pub port: &'static str,
    /// The name of the clause, which is unique in its [`Contract`](crate::Contract).
    pub name: &'static str,
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.port, self.name)
    }
}

/// A clause that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which clause it is.
    pub clause: ClauseId,
    /// What the port demands.
    pub text: &'static str,
    /// What was seen instead.
    pub saw: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clause, text, saw } = self;
        write!(f, "[{clause}] {text}; saw {saw}")
    }
}

/// A clause that was not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Which clause it is.
    pub clause: ClauseId,
    /// Why it was not checked.
    pub reason: String,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] skipped: {}", self.clause, self.reason)
    }
}

/// What became of one clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Passed,
    /// It does not hold.
    Broken(Broken),
    /// It was not checked.
    Skipped(Skipped),
}

/// What became of the clauses of a contract. It displays the broken and the skipped ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The clauses that hold.
    pub passed: Vec<ClauseId>,
    /// The clauses that do not hold.
    pub broken: Vec<Broken>,
    /// The clauses that were not checked.
    pub skipped: Vec<Skipped>,
}

impl Report {
    pub(crate) fn add(&mut self, clause: ClauseId, verdict: Verdict) {
        match verdict {
            Verdict::Passed => self.passed.push(clause),
            Verdict::Broken(broken) => self.broken.push(broken),
            Verdict::Skipped(skipped) => self.skipped.push(skipped),
        }
    }

    /// Prints what was skipped to the standard error.
    ///
    /// # Panics
    ///
    /// If a clause is broken, with the whole report.
    #[track_caller]
    #[expect(clippy::panic, reason = "a test fails by a panic")]
    pub fn assert(&self) {
        if !self.broken.is_empty() {
            panic!("{self}");
        }
        for skipped in &self.skipped {
            eprintln!("{skipped}");
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (passed, broken) = (self.passed.len(), self.broken.len());
        writeln!(f, "{passed} passed, {broken} broken, {} skipped", self.skipped.len())?;
        self.broken.iter().try_for_each(|broken| writeln!(f, "{broken}"))?;
        self.skipped.iter().try_for_each(|skipped| writeln!(f, "{skipped}"))
    }
}
