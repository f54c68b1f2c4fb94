import type { Log } from "../log.ts";
import type { NomadClient, NomadNode } from "../nomad/client.ts";
import { type NomadJob, specHashKey } from "../nomad/job.ts";
import { appHostJob, appHostJobId, appHostJobPrefix, appHostMemoryMb, memoryKey } from "./app-host-job.ts";
import { compileJob } from "./compile-job.ts";

/**
 * The jobs that should be registered: compile, and an app host for each pool that runs apps. A pool waits for its
 * first node, which says how much memory there is; a pool without nodes now keeps the job it has.
 */
export function wantedJobs(
  pools: readonly string[],
  nodes: readonly NomadNode[],
  registeredMb: ReadonlyMap<string, number> = new Map(),
): readonly NomadJob[] {
  if (pools.length === 0) return [];
  const hosts = pools.flatMap((pool) => {
    const memory = nodes.filter((node) => node.pool === pool && node.status === "ready").map(({ memoryMb }) => memoryMb);
    return memory.length === 0 ? [] : [appHostJob(pool, appHostMemoryMb(Math.min(...memory), registeredMb.get(pool)))];
  });
  return [compileJob(pools), ...hosts];
}

/** Registers what differs, and stops the app hosts of pools that run no apps any more. */
export async function keepJobs(nomad: NomadClient, pools: readonly string[], nodes: readonly NomadNode[], log: Log): Promise<void> {
  const registeredMb = new Map<string, number>();
  for (const pool of pools) {
    const memory = Number((await nomad.jobMeta(appHostJobId(pool)))?.[memoryKey]);
    if (Number.isInteger(memory)) registeredMb.set(pool, memory);
  }
  for (const job of wantedJobs(pools, nodes, registeredMb)) {
    const meta = await nomad.jobMeta(job.ID);
    if (meta?.[specHashKey] === job.Meta[specHashKey]) continue;
    await nomad.registerJob(job);
    log("info", meta === undefined ? "job registered" : "job changed", { job: job.ID });
  }
  const kept = new Set(pools.map(appHostJobId));
  for (const id of await nomad.jobIds(appHostJobPrefix)) {
    if (kept.has(id)) continue;
    await nomad.stopJob(id);
    log("info", "job stopped, its pool runs no apps", { job: id });
  }
}
