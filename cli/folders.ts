import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The project: where config/, apps/ and cdktf.out/ lie. */
export const projectFolder = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** What a run of `fleet` knows of one environment between two commands: who works on it, and Terraform's runs with their logs. */
export interface StateFolders {
  /** Common to all environments. */
  readonly root: string;
  /** Trace of the last command that failed in a way it did not know. */
  readonly failure: string;
  /** Who works on the environment now. */
  readonly holders: string;
  /** One record for each stack's last Terraform run. */
  readonly runs: string;
  readonly logs: string;
  /** What `up` made inside the project, so that `down` removes it. */
  readonly made: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** `$EDGE_FLEET_STATE`, else below `$XDG_STATE_HOME`, else below `~/.local/state`. */
export function stateRoot(variables: Variables = process.env): string {
  return variables.EDGE_FLEET_STATE || join(variables.XDG_STATE_HOME || join(homedir(), ".local/state"), "edge-fleet");
}

/** `$EDGE_FLEET_CACHE`, else below `$XDG_CACHE_HOME`, else below `~/.cache`. */
export function cacheRoot(variables: Variables = process.env): string {
  return variables.EDGE_FLEET_CACHE || join(variables.XDG_CACHE_HOME || join(homedir(), ".cache"), "edge-fleet");
}

export function stateFolders(environment: string, root: string = stateRoot()): StateFolders {
  const own = join(root, "environments", environment);
  return {
    root,
    failure: join(root, "last-failure.log"),
    holders: join(own, "holders"),
    runs: join(own, "runs"),
    logs: join(own, "logs"),
    made: join(own, "made.json"),
  };
}

/** Writes a whole file or nothing: readers never see half of it. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, text, { mode: 0o600 });
  renameSync(partial, path);
}
