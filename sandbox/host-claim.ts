import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findEmulator } from "./emulator/emulator.ts";
import { runningDaemon } from "./region-daemon.ts";

/**
 * Says whose sandbox this machine runs. Namespace, control groups and ports exist once on a machine, so there is one
 * sandbox at a time, whatever state folder its user chose; one must never stop the other's machines.
 */
const claimFile = "/run/edge-fleet/sandbox.json";

/** State folder of another sandbox that runs on this machine; undefined if there is none. */
export function otherSandbox(stateFolder: string, file = claimFile): string | undefined {
  const claimed = claimedBy(file);
  if (claimed === undefined || claimed === stateFolder) return undefined;
  const runs = findEmulator(join(claimed, "emulator")) !== undefined || runningDaemon(claimed) !== undefined;
  return runs ? claimed : undefined;
}

/** Takes the machine for this sandbox. Fails while another one runs. */
export function claimHost(stateFolder: string, file = claimFile): void {
  const other = otherSandbox(stateFolder, file);
  if (other !== undefined) throw new Error(otherSandboxProblem(other));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ stateFolder }));
}

export function otherSandboxProblem(other: string): string {
  return `sandbox: another one runs on this machine, got its state in ${other}; expected one at a time. Stop it by \`EDGE_FLEET_STATE=${dirname(other)} npm run down\``;
}

export function releaseHost(stateFolder: string, file = claimFile): void {
  if (claimedBy(file) === stateFolder) rmSync(dirname(file), { recursive: true, force: true });
}

function claimedBy(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { stateFolder: string }).stateFolder;
  } catch {
    return undefined;
  }
}
