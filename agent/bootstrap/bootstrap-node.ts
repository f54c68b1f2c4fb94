import { describeError, type Log } from "../log.ts";
import type { NodeSettings } from "../node-settings.ts";
import { installedTools, type Tools } from "./certificates.ts";
import { clientFiles } from "./client.ts";
import { type Machine, type MachineFile, readMachineFile, writeMachineFiles } from "./machine-files.ts";
import { lastGoodFiles } from "./role-files.ts";
import { serverFiles } from "./server.ts";
import type { Sources } from "./sources.ts";
import { waitFor } from "./wait-for.ts";

export interface BootstrapOptions {
  readonly settings: NodeSettings;
  readonly sources: Sources;
  readonly log: Log;
  readonly machine?: Machine;
  readonly tools?: Tools;
  /** How long a machine that has started before asks before it starts with what it was given last, in milliseconds. Default 15,000. */
  readonly lastGoodAfterMs?: number;
  /** Has Consul and Nomad take up what changed, where they run. */
  readonly reload?: () => Promise<void>;
}

export type BootstrapResult = "unchanged" | "written" | "last good";

/**
 * Gives the machine what it needs to start Consul and Nomad. A machine that boots for the first time waits for it as
 * long as it takes; one that has started before goes on with what it has when nobody answers.
 */
export async function bootstrapNode(options: BootstrapOptions): Promise<BootstrapResult> {
  const { settings, sources, log, machine = {}, tools = installedTools } = options;
  const startedBefore = (await Promise.all(lastGoodFiles(settings.role).map((path) => readMachineFile(machine, path)))).every(
    (content) => content !== undefined,
  );
  const deadline = new AbortController();
  const timer = startedBefore ? setTimeout(() => deadline.abort(), options.lastGoodAfterMs ?? 15_000) : undefined;
  let files: MachineFile[];
  try {
    files = await waitFor({ what: `what a ${settings.role} needs`, log, signal: deadline.signal }, () =>
      settings.role === "server" ? serverFiles(settings, sources, machine, tools) : clientFiles(settings, sources),
    );
  } catch (error) {
    log("warn", "starting with what this machine was given last", { reason: describeError(error) });
    return "last good";
  } finally {
    clearTimeout(timer);
  }
  const changed = await writeMachineFiles(machine, files);
  log("info", "written", { changed: changed.join(" ") });
  if (changed.length === 0) return "unchanged";
  if (startedBefore) await options.reload?.();
  return "written";
}
