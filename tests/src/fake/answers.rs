use std::collections::BTreeMap;

use async_trait::async_trait;
use bookshelf_domain::{
    AnswerError, AnswerRepository, KeyReused, Made, Once, StoreError, Timestamp,
};

use super::Fake;

struct Answer {
    fingerprint: [u8; 32],
    answer: Vec<u8>,
    at: Timestamp,
}

#[derive(Default)]
pub(super) struct Answers(BTreeMap<[u8; 32], Answer>);

impl Answers {
    fn find(
        &self,
        key: &[u8; 32],
        fingerprint: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, KeyReused> {
        match self.0.get(key).filter(|kept| now < kept.at + Once::<()>::KEPT) {
            Some(kept) if kept.fingerprint != *fingerprint => Err(KeyReused),
            kept => Ok(kept.map(|kept| kept.answer.clone())),
        }
    }

    /// Calls `make` and stores its result, unless the same request has one already.
    pub(super) fn make_once<T, E: From<KeyReused>>(
        &mut self,
        once: Option<Once<T>>,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Made<T>, E> {
        let Some(once) = once else { return make().map(Made::Now) };
        if let Some(answer) = self.find(&once.key, &once.fingerprint, once.at)? {
            return Ok(Made::Before(answer));
        }
        let made = make()?;
        let answer = (once.answer)(&made);
        self.0.insert(once.key, Answer { fingerprint: once.fingerprint, answer, at: once.at });
        Ok(Made::Now(made))
    }
}

#[async_trait]
impl AnswerRepository for Fake {
    async fn find(
        &self,
        key: [u8; 32],
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, AnswerError> {
        Ok(self.tables().answers.find(&key, &fingerprint, now)?)
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let answers = &mut self.tables().answers.0;
        let old = answers.iter().filter(|(_, kept)| kept.at < before);
        let old: Vec<_> = old.map(|(key, _)| *key).take(limit as usize).collect();
        old.iter().for_each(|key| drop(answers.remove(key)));
        Ok(old.len() as u64)
    }
}
