//! The place of one app in the registry: what the folder said last.

use crate::app::App;
use crate::app_output::Allowance;
use crate::log::Told;
use crate::metrics::Outcome;
use std::sync::{Arc, Mutex};

pub struct Slot {
    /// Held by the request that looks at the folder.
    pub turn: tokio::sync::Mutex<()>,
    /// Of the app, not of one version of it.
    pub log_allowance: Arc<Allowance>,
    seen: Mutex<Option<(u64, Seen)>>,
    pub told: Told,
}

#[derive(Clone)]
pub enum Seen {
    Good(Arc<App>),
    /// There is a manifest, but never was a good one.
    Broken,
    Absent,
}

impl Seen {
    pub fn result(self) -> Result<Arc<App>, Outcome> {
        match self {
            Self::Good(app) => Ok(app),
            Self::Broken => Err(Outcome::NotLoadable),
            Self::Absent => Err(Outcome::UnknownHost),
        }
    }
}

impl Default for Slot {
    fn default() -> Self {
        Self { turn: tokio::sync::Mutex::default(), log_allowance: Allowance::new(), seen: Mutex::default(), told: Told::default() }
    }
}

impl Slot {
    /// What was seen at most `fresh_ms` ago.
    pub fn seen(&self, now_ms: u64, fresh_ms: u64) -> Option<Seen> {
        let seen = self.seen.lock().unwrap();
        seen.as_ref().filter(|(at_ms, _)| now_ms < at_ms + fresh_ms).map(|(_, seen)| seen.clone())
    }

    pub fn set_seen(&self, now_ms: u64, seen: Seen) {
        *self.seen.lock().unwrap() = Some((now_ms, seen));
    }

    /// The last good version, however long ago it was looked at.
    pub fn app(&self) -> Option<Arc<App>> {
        match &*self.seen.lock().unwrap() {
            Some((_, Seen::Good(app))) => Some(app.clone()),
            _ => None,
        }
    }
}
