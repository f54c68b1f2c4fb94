import { execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { promisify } from "node:util";
import { bootFiles } from "../../constructs/bootstrap/layout.ts";
import { jsonLog } from "../log.ts";
import { readNodeSettings } from "../node-settings.ts";
import { bootstrapNode } from "./bootstrap-node.ts";
import { awsSources } from "./sources.ts";

/** `agent bootstrap`: run as root by a unit that Consul and Nomad come after, by the refresh timer, and when the agent asks to rejoin. */
export async function runBootstrap(): Promise<void> {
  const settings = readNodeSettings();
  // Nomad reads its introduction only when it starts; its tasks survive that.
  const action = existsSync(bootFiles.rejoin) ? "try-restart" : "try-reload-or-restart";
  // First of all: what is asked for while this runs starts it again.
  rmSync(bootFiles.rejoin, { force: true });
  await bootstrapNode({ settings, sources: awsSources(settings), log: jsonLog("bootstrap"), reload: () => tellServices(action) });
}

/** Nothing happens to a service that does not run; at boot, when they are about to, waiting for them would be waiting for oneself. */
async function tellServices(action: "try-restart" | "try-reload-or-restart"): Promise<void> {
  await promisify(execFile)("systemctl", ["--no-block", action, "consul.service", "nomad.service"]);
}
