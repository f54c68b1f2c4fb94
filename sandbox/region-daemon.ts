import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { emulatorEndpoint } from "./addresses.ts";
import type { AccessKey } from "./emulator/emulator.ts";
import { endRecorded, type ProcessRecord, readRecord, startDetached } from "./host/processes.ts";
import { run } from "./host/run.ts";
import { inNamespace } from "./network.ts";

const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));

const recordFile = (stateFolder: string) => join(stateFolder, "daemon.json");

export function daemonLog(stateFolder: string): string {
  return join(stateFolder, "daemon.log");
}

export function runningDaemon(stateFolder: string): ProcessRecord | undefined {
  return readRecord(recordFile(stateFolder));
}

/** Starts the region daemon inside the namespace; one that runs already for this emulator is kept. */
export async function startDaemon(stateFolder: string, key: AccessKey): Promise<ProcessRecord> {
  const running = runningDaemon(stateFolder);
  const servedKey = join(stateFolder, "daemon-key");
  if (running !== undefined && existsSync(servedKey) && readFileSync(servedKey, "utf8") === key.accessKeyId) return running;
  // An emulator that was started anew has other keys.
  if (running !== undefined) await stopDaemon(stateFolder);
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  writeFileSync(servedKey, key.accessKeyId);
  const program = join(stateFolder, "daemon.mjs");
  copyFileSync(await bundleDaemon(), program);
  const { command, args } = inNamespace(process.execPath, "--enable-source-maps", program);
  return startDetached({
    command,
    args,
    env: {
      ...ownSettings(),
      AWS_ENDPOINT_URL: emulatorEndpoint,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    },
    logFile: daemonLog(stateFolder),
    recordFile: recordFile(stateFolder),
  });
}

/** Ends the daemon; the machines stay. */
export async function stopDaemon(stateFolder: string): Promise<void> {
  await endRecorded(recordFile(stateFolder));
}

/** In a process of its own: the bundler stays out of whoever starts the daemon. */
async function bundleDaemon(): Promise<string> {
  const program = 'import { bundle } from "./cli/run.mjs"; process.stdout.write(await bundle("sandbox/daemon.ts"));';
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { cwd: projectFolder });
  return stdout;
}

/** Variables that say where the daemon finds the cache and the state. */
function ownSettings(): Record<string, string> {
  const names = ["EDGE_FLEET_CACHE", "EDGE_FLEET_STATE", "XDG_CACHE_HOME", "XDG_STATE_HOME"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
