import { existsSync, readdirSync } from "node:fs";
import { machinesWithCgroups, removeCgroupParents } from "./cgroups.ts";
import { machinesFolder, stopMachine } from "./machine.ts";

/** Machines that have left anything on the host, whether they run or not. */
export function knownMachines(stateFolder: string): string[] {
  const folder = machinesFolder(stateFolder);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return [...new Set([...names, ...machinesWithCgroups()])];
}

/** Cuts the power of all machines and removes everything of them, also of those that a crash left. */
export async function removeAllMachines(stateFolder: string): Promise<void> {
  await Promise.all(knownMachines(stateFolder).map((name) => stopMachine(stateFolder, name, { graceMs: 0 })));
  removeCgroupParents();
}
