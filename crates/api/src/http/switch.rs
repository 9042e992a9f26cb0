use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A switch that can only be turned on, such as when the server begins to stop. Clones are the same
/// switch.
#[derive(Debug, Clone, Default)]
pub struct Switch(Arc<AtomicBool>);

impl Switch {
    pub fn turn_on(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
