import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { jsonLog } from "../log.ts";
import { readNodeSettings } from "../node-settings.ts";
import { bootstrapNode } from "./bootstrap-node.ts";
import { awsSources } from "./sources.ts";

/** `agent bootstrap`: run as root by a unit that Consul and Nomad come after, and by the refresh timer. */
export async function runBootstrap(): Promise<void> {
  const settings = readNodeSettings();
  await bootstrapNode({ settings, sources: awsSources(settings), log: jsonLog("bootstrap"), reload: reloadServices });
}

/** Nothing happens to a service that does not run; at boot, when they are about to, waiting for them would be waiting for oneself. */
async function reloadServices(): Promise<void> {
  await promisify(execFile)("systemctl", ["--no-block", "try-reload-or-restart", "consul.service", "nomad.service"]);
}
