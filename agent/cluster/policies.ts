import type { ConsulPolicy } from "../consul/client.ts";

/** Lock of the leading agent. */
export const leaderKey = "edge-fleet/leader";

/** Reports of a pool's nodes. One folder per pool, so that a pool's token cannot write another pool's. */
export const poolReportsPrefix = (pool: string): string => `${nodeReportsPrefix}${pool}/`;
export const nodeReportsPrefix = "edge-fleet/nodes/";
export const nodeReportKey = (pool: string, node: string): string => `${poolReportsPrefix(pool)}${node}`;

/**
 * Rights of the Consul agents on servers. Any node name: a machine's name is its id, which nobody knows before it
 * boots.
 */
export const consulServerPolicy: ConsulPolicy = {
  name: "edge-fleet-servers",
  description: "Consul agents on servers: registration, and the lock of the leading agent",
  rules: rules([
    ["node_prefix", "", "write"],
    ["service_prefix", "", "read"],
    ["agent_prefix", "", "read"],
    ["session_prefix", "", "write"],
    ["key", leaderKey, "write"],
  ]),
};

/** Rights of the Consul agents and the node agents of one pool. */
export function consulPoolPolicy(pool: string): ConsulPolicy {
  return {
    name: `edge-fleet-pool-${pool}`,
    description: `Machines of pool ${pool}: registration, and the reports of their own pool`,
    rules: rules([
      ["node_prefix", "", "write"],
      ["service_prefix", "", "read"],
      ["agent_prefix", "", "read"],
      ["key_prefix", poolReportsPrefix(pool), "write"],
    ]),
  };
}

/** Nomad's policy for the node agents: which nodes are ready, and the events that say when this changes. */
export const nomadNodePolicy = {
  name: "edge-fleet-node",
  description: "Agents on clients: read nodes and their events",
  rules: 'agent {\n  policy = "read"\n}\nnode {\n  policy = "read"\n}\n',
} as const;

function rules(list: readonly (readonly [kind: string, name: string, policy: "read" | "write"])[]): string {
  return list.map(([kind, name, policy]) => `${kind} "${name}" {\n  policy = "${policy}"\n}\n`).join("");
}
