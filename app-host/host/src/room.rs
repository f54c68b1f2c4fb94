//! Room for requests: how many run at a time, and how much memory they may take together.

use crate::app::App;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long a request waits for others to end. Most end in a few milliseconds; longer queues only help to be late.
const PATIENCE: Duration = Duration::from_millis(250);

pub struct Room {
    requests: Arc<Semaphore>,
    memory_mb: Arc<Semaphore>,
    all_memory_mb: u32,
}

/// Held for as long as the request's instance exists.
pub struct Place {
    _app: OwnedSemaphorePermit,
    _request: OwnedSemaphorePermit,
    _memory: OwnedSemaphorePermit,
}

impl Room {
    pub fn new(requests: u32, memory_mb: u32) -> Self {
        Self {
            requests: Arc::new(Semaphore::new(requests as usize)),
            memory_mb: Arc::new(Semaphore::new(memory_mb as usize)),
            all_memory_mb: memory_mb,
        }
    }

    /// `None`: the app has as many requests as it may, or the machine has no room. Each app's limit is hard, so that one
    /// app's queue never stands in front of another's.
    pub async fn enter(&self, app: &App) -> Option<Place> {
        let own = app.permits.clone().try_acquire_owned().ok()?;
        // An app with a limit above all memory runs alone rather than never.
        let weight = app.manifest.memory_mb.min(self.all_memory_mb);
        let rest = async {
            let request = self.requests.clone().acquire_owned().await.ok()?;
            let memory = self.memory_mb.clone().acquire_many_owned(weight).await.ok()?;
            Some((request, memory))
        };
        let (request, memory) = timeout(PATIENCE, rest).await.ok()??;
        Some(Place { _app: own, _request: request, _memory: memory })
    }
}
