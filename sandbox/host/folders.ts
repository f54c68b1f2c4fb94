import { homedir } from "node:os";
import { join } from "node:path";

/** What is made once and kept: machine tree, built agents, emulator. Outside the project, so that a fresh clone finds it. */
export function cacheFolder(): string {
  return process.env.EDGE_FLEET_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "edge-fleet");
}

/** What a running sandbox leaves on disk; gone when it stops. */
export function sandboxStateFolder(): string {
  const state = process.env.EDGE_FLEET_STATE || join(process.env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "edge-fleet");
  return join(state, "sandbox");
}
