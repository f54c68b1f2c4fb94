import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "../config/releases.ts";
import type { Architecture } from "../constructs/core/artefacts.ts";
import { emulatorPort, gatewayAddress, namespace, publishedPorts, sandboxRegion } from "./addresses.ts";
import { cachedProgram } from "./agents/programs.ts";
import { type Emulator, findEmulator, startEmulator, stopEmulator } from "./emulator/emulator.ts";
import { listLeftovers } from "./emulator/leftovers.ts";
import { startForwarders, stopForwarders } from "./forwarders.ts";
import { sandboxStateFolder } from "./host/folders.ts";
import { waitFor } from "./host/wait.ts";
import { claimHost, otherSandbox, otherSandboxProblem, releaseHost } from "./host-claim.ts";
import { shellInMachine } from "./machines/exec.ts";
import { runningMachine } from "./machines/machine.ts";
import { removeAllMachines } from "./machines/reap.ts";
import { createNetwork, removeNetwork } from "./network.ts";
import { hostProblems, installMissing } from "./preflight.ts";
import { fillCache, type PrepareTimings } from "./prepare.ts";
import { type Machine, readMachines } from "./region/machine-states.ts";
import { startDaemon, stopDaemon } from "./region-daemon.ts";
import { terraformCliConfig } from "./terraform-config.ts";

export type { Machine } from "./region/machine-states.ts";

export interface SandboxOptions {
  readonly onProgress: (line: string) => void;
}

const emulatorFolder = () => join(sandboxStateFolder(), "emulator");

/** Everything that keeps the sandbox from running on this machine, one sentence each. Changes nothing. */
export function preflight(): Promise<string[]> {
  return hostProblems();
}

/** Fills the cache with the machines' tree and programs; may run beside a deploy. */
export function prepare(options: SandboxOptions): Promise<PrepareTimings> {
  return fillCache(options);
}

/** Path of a program in the cache, for the mirror; `prepare` has put it there. */
export function programFile(program: Program, arch: Architecture): Promise<string> {
  return cachedProgram(program, arch);
}

/** Starts the local cloud, or what of it does not run, and awaits its API. */
export async function startSandbox({ onProgress }: SandboxOptions): Promise<void> {
  const stateFolder = sandboxStateFolder();
  claimHost(stateFolder);
  await installMissing(onProgress);
  onProgress("network");
  await createNetwork();
  onProgress("emulator");
  const emulator = await startEmulator({ address: gatewayAddress, port: emulatorPort, namespace, stateFolder: emulatorFolder() });
  await startForwarders(stateFolder);
  await startDaemon(stateFolder, emulator.region);
  writeTerraformConfig(stateFolder);
  const endpoint = publishedEndpoint();
  await waitFor(() => answers(endpoint), { what: `the emulator at ${endpoint}`, timeoutMs: 30_000, hint: `See ${emulator.logFile}` });
  onProgress(`API at ${endpoint}`);
}

/** True while the emulator and its network are there. */
export function isSandboxRunning(): boolean {
  return findEmulator(emulatorFolder()) !== undefined;
}

/** Stops everything and leaves nothing but the cache; right after a crash as well. */
export async function stopSandbox(options?: SandboxOptions): Promise<void> {
  const stateFolder = sandboxStateFolder();
  const other = otherSandbox(stateFolder);
  if (other !== undefined) throw new Error(otherSandboxProblem(other));
  options?.onProgress("daemon and forwarders");
  await Promise.all([stopDaemon(stateFolder), stopForwarders(stateFolder)]);
  options?.onProgress("machines");
  await removeAllMachines(stateFolder);
  options?.onProgress("emulator and network");
  await stopEmulator(emulatorFolder());
  await removeNetwork();
  releaseHost(stateFolder);
  rmSync(stateFolder, { recursive: true, force: true });
}

/** Environment in which any AWS program, Terraform and `cdktf` talk to the sandbox as its deployer. */
export function sandboxEnvironment(): Record<string, string> {
  const { deployer } = requireEmulator();
  return {
    AWS_ENDPOINT_URL: publishedEndpoint(),
    AWS_ACCESS_KEY_ID: deployer.accessKeyId,
    AWS_SECRET_ACCESS_KEY: deployer.secretAccessKey,
    AWS_REGION: sandboxRegion,
    // Profiles and a metadata service of the caller's own account must not be taken instead.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    TF_CLI_CONFIG_FILE: writeTerraformConfig(sandboxStateFolder()),
  };
}

/** The emulator's API as the host reaches it. */
export function publishedEndpoint(): string {
  return `http://127.0.0.1:${publishedPorts().api}`;
}

/** What the emulated account holds and a fresh one does not, one line each. */
export function sandboxLeftovers(): Promise<string[]> {
  const { deployer, callsFile } = requireEmulator();
  return listLeftovers({ endpoint: publishedEndpoint(), credentials: deployer, region: sandboxRegion, callsFile });
}

/** Machines as the region daemon last saw them, half a second ago at most. */
export async function listMachines(): Promise<Machine[]> {
  return readMachines(sandboxStateFolder());
}

/** Gives the terminal to a root shell on a machine: its name, instance id (or the beginning of it), address, or `cloud`. */
export async function openShell(name: string): Promise<number> {
  const machines = await listMachines();
  const found = machines.filter((each) => each.name === name || each.address === name || each.instanceId.startsWith(name));
  const id = name === "cloud" ? name : found.length === 1 ? found[0]?.instanceId : undefined;
  const record = id === undefined ? undefined : runningMachine(sandboxStateFolder(), id);
  if (record === undefined) {
    const names = machines.map((each) => each.name).join(", ");
    throw new Error(
      `machine: ${found.length > 1 ? "more than one fits" : "none runs"}, got "${name}"; expected one of ${names === "" ? "none" : names}, cloud`,
    );
  }
  return shellInMachine(record);
}

function requireEmulator(): Emulator {
  const emulator = findEmulator(emulatorFolder());
  if (emulator === undefined) throw new Error("sandbox: does not run, got no emulator; expected a running one. Run `npm run up`");
  return emulator;
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint, { signal: AbortSignal.timeout(5_000) }).then(
    (response) => response.body?.cancel().then(() => true) ?? true,
    () => false,
  );
}

/** Written anew each time: mirrors come and go. Returns the file's path. */
function writeTerraformConfig(stateFolder: string): string {
  const file = join(stateFolder, "terraform.tfrc");
  writeFileSync(file, terraformCliConfig());
  return file;
}
