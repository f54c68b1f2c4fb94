import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A machine of the sandbox, as the CLI shows it: file `machines.json`, written by the region daemon. */
export interface Machine {
  /** Role or pool with a number: `server-1`, `web-1`. */
  readonly name: string;
  readonly instanceId: string;
  readonly address: string;
  readonly zone: string;
  /** Tag `role` of the instance; empty if it has none. */
  readonly role: string;
  /** Tag `pool` of the instance. */
  readonly pool?: string;
  /** `booting` until its user data has run, `failed` if that ended with an error (it goes on running). */
  readonly state: "waiting" | "booting" | "running" | "failed" | "stopping";
  /** ISO 8601, UTC: launched in the emulator, powered on, user data done. */
  readonly launchedAt: string;
  readonly bootedAt?: string;
  readonly readyAt?: string;
  /** What went wrong in its user data. */
  readonly problem?: string;
}

const fileName = "machines.json";

export function writeMachines(stateFolder: string, machines: readonly Machine[]): void {
  const file = join(stateFolder, fileName);
  writeFileSync(`${file}.new`, JSON.stringify(machines, null, 2));
  renameSync(`${file}.new`, file);
}

/** Machines as last written; none before the daemon's first look. */
export function readMachines(stateFolder: string): Machine[] {
  try {
    return JSON.parse(readFileSync(join(stateFolder, fileName), "utf8")) as Machine[];
  } catch {
    return [];
  }
}

export interface BootResult {
  readonly readyAt: string;
  readonly problem?: string;
}

/** What cloud-init says of its run in the machine with this first process; undefined while it runs. */
export function bootResult(initPid: number): BootResult | undefined {
  try {
    const folder = `/proc/${initPid}/root/run/cloud-init`;
    const result = JSON.parse(readFileSync(join(folder, "result.json"), "utf8")) as { v1: { errors: string[] } };
    const status = JSON.parse(readFileSync(join(folder, "status.json"), "utf8")) as {
      v1: Record<string, { finished?: number } | string | null>;
    };
    const final = status.v1["modules-final"];
    const finished = typeof final === "object" && final !== null ? (final.finished ?? 0) : 0;
    const [problem] = result.v1.errors;
    // cloud-init writes seconds since 1970, or since the host's start where it cannot tell its own machine's.
    const readyAt = new Date(finished > 1e9 ? finished * 1000 : Date.now()).toISOString();
    return problem === undefined ? { readyAt } : { readyAt, problem };
  } catch {
    return undefined;
  }
}
