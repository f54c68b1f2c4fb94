import type { NomadNode } from "../nomad/client.ts";

/** Consecutive failed probes after which an app host counts as unhealthy: one may be lost. */
export const failuresToLeave = 2;

/**
 * Addresses of a pool that get requests: nodes that Nomad calls ready and whose app host answers its probe. If none
 * answers, all ready ones: probing may be what is broken. If none is ready either, those of the document before: a
 * cluster without a leader must not take apps off the air.
 */
export function healthyAddresses(input: {
  readonly pool: string;
  readonly nodes: readonly NomadNode[];
  /** Failed probes in a row, by address; absent: never probed, which counts as one failure too many. */
  readonly failures: ReadonlyMap<string, number>;
  readonly before: readonly string[];
}): readonly string[] {
  const ready = input.nodes.filter((node) => node.pool === input.pool && node.ready).map(({ address }) => address);
  const healthy = ready.filter((address) => (input.failures.get(address) ?? failuresToLeave) < failuresToLeave);
  if (healthy.length > 0) return [...healthy].sort();
  return [...(ready.length > 0 ? ready : input.before)].sort();
}
