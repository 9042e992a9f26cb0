use std::any::Any;
use std::collections::BTreeMap;

use async_trait::async_trait;
use bookshelf_domain::{
    IdempotencyKey, IdempotencyRepository, KeyReused, Made, StoreError, Timestamp,
};

use crate::Memory;

struct Stored {
    fingerprint: [u8; 32],
    resource: Box<dyn Any + Send>,
    at: Timestamp,
}

/// The resources that were created under an idempotency key, by the key's `lookup`.
#[derive(Default)]
pub(crate) struct StoredResources(BTreeMap<[u8; 32], Stored>);

impl StoredResources {
    /// Stores the resource that `make` creates, unless one is stored already.
    pub(crate) fn make_once<T: Clone + Send + 'static, E: From<KeyReused>>(
        &mut self,
        key: Option<IdempotencyKey>,
        at: Timestamp,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Made<T>, E> {
        let Some(key) = key else { return make().map(Made::Now) };
        if let Some(made) = self.find(&key, at)? {
            return Ok(Made::Before(made));
        }
        let made = make()?;
        let (fingerprint, resource) = (key.fingerprint, Box::new(made.clone()));
        self.0.insert(key.lookup, Stored { fingerprint, resource, at });
        Ok(Made::Now(made))
    }

    pub(crate) fn find<T: Clone + 'static>(
        &self,
        key: &IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<T>, KeyReused> {
        let stored = self.0.get(&key.lookup);
        match stored.filter(|stored| at < stored.at + IdempotencyKey::LIFETIME) {
            Some(stored) if stored.fingerprint != key.fingerprint => Err(KeyReused),
            // A resource of another kind was made by another request, which has another fingerprint.
            stored => Ok(stored.and_then(|stored| stored.resource.downcast_ref::<T>().cloned())),
        }
    }
}

#[async_trait]
impl IdempotencyRepository for Memory {
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let stored = &mut self.tables().stored_resources.0;
        let old = stored.iter().filter(|(_, stored)| stored.at < before);
        let old: Vec<_> = old.map(|(lookup, _)| *lookup).take(limit as usize).collect();
        old.iter().for_each(|lookup| drop(stored.remove(lookup)));
        Ok(old.len() as u64)
    }
}
