//! The engine as this program runs it: instances in slots that are reserved once, so that a request costs microseconds.
//!
//! The reservations are address space, about 4 GB for each request that may run; memory is used as it is touched, and
//! what stays with an unused slot is bounded.

use crate::guest::MAX_TABLE_ELEMENTS;
use app_engine::settings;
use wasmtime::{Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Result};

/// A component of one app: adapters and languages' runtimes are instances and memories of their own.
const CORE_INSTANCES: u32 = 8;
const MEMORIES: u32 = 2;
const TABLES: u32 = 8;
/// Slots whose memory is kept mapped for the next request of the same app.
const MAX_WARM_SLOTS: u32 = 100;

pub fn engine(concurrency: u32) -> Result<Engine> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(concurrency)
        .total_core_instances(concurrency * CORE_INSTANCES)
        .total_memories(concurrency * MEMORIES)
        .total_tables(concurrency * TABLES)
        .total_stacks(concurrency)
        .total_gc_heaps(concurrency)
        .max_memories_per_module(MEMORIES)
        .max_tables_per_module(TABLES)
        .table_elements(MAX_TABLE_ELEMENTS)
        .max_unused_warm_slots(MAX_WARM_SLOTS.min(concurrency));
    let mut config = settings::config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}
