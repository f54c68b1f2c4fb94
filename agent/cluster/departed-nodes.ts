import type { Log } from "../log.ts";
import type { NomadClient } from "../nomad/client.ts";

/** Which of some nodes still are machines, by the nodes' names. */
export type ExistingMachines = (names: readonly string[]) => Promise<ReadonlySet<string>>;

/** Most values of one filter of EC2. */
const mostAtOnce = 200;

/**
 * Has Nomad forget nodes whose machine is gone. It would remember them for a day as down, and the status would count
 * them among the pool's nodes. A machine that is only off stays: somebody may expect it back.
 */
export async function removeDepartedNodes(nomad: NomadClient, existing: ExistingMachines, log: Log): Promise<void> {
  const down = (await nomad.nodes()).filter(({ status }) => status === "down").slice(0, mostAtOnce);
  if (down.length === 0) return;
  const living = await existing(down.map(({ name }) => name));
  for (const { id, name, pool } of down) {
    if (living.has(name)) continue;
    await nomad.purgeNode(id);
    log("info", "node removed, its machine is gone", { node: name, pool });
  }
}
