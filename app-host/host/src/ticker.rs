//! Ticks the engine's epoch, at which guests give their thread back; only while guests run, so that an idle host sleeps.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use wasmtime::Engine;

const TICK: Duration = Duration::from_millis(10);

#[derive(Default)]
pub struct Ticker {
    running: Mutex<usize>,
    wake: Condvar,
}

/// Keeps the epoch ticking for as long as it lives.
pub struct Run(Arc<Ticker>);

impl Ticker {
    pub fn start(engine: Engine) -> Arc<Self> {
        let ticker = Arc::new(Self::default());
        let own = ticker.clone();
        std::thread::spawn(move || {
            loop {
                drop(own.wake.wait_while(own.running.lock().unwrap(), |running| *running == 0).unwrap());
                std::thread::sleep(TICK);
                engine.increment_epoch();
            }
        });
        ticker
    }

    pub fn run(self: &Arc<Self>) -> Run {
        let mut running = self.running.lock().unwrap();
        *running += 1;
        if *running == 1 {
            self.wake.notify_one();
        }
        Run(self.clone())
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        *self.0.running.lock().unwrap() -= 1;
    }
}
