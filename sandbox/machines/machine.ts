import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bridge } from "../addresses.ts";
import { overlay, unmountAll } from "../host/mounts.ts";
import { childrenOf, endProcess, isAlive, type ProcessRecord, recordOf, signal, startDetached } from "../host/processes.ts";
import { waitFor } from "../host/wait.ts";
import { inNamespace } from "../network.ts";
import { createCgroups, processesIn, removeCgroups } from "./cgroups.ts";
import { type Difference, machineDifferences } from "./differences.ts";

/** A machine to boot. */
export interface MachineOptions {
  /** Instance id, or `cloud`. */
  readonly name: string;
  readonly hostname: string;
  /** IPv4; the first is its own. */
  readonly addresses: readonly string[];
  /** Trees below its own files, topmost first. */
  readonly lower: readonly string[];
  /** Files besides those that all machines have. Default: none. */
  readonly files?: readonly Difference[];
  /** The sandbox's state folder. */
  readonly stateFolder: string;
}

/** What is kept of a machine that was booted: file `machine.json` in its folder. */
export interface MachineRecord {
  readonly name: string;
  readonly hostname: string;
  readonly addresses: readonly string[];
  /** The container manager; its end is the machine's end. */
  readonly process: ProcessRecord;
  /** ISO 8601, UTC. */
  readonly bootedAt: string;
}

export function machinesFolder(stateFolder: string): string {
  return join(stateFolder, "machines");
}

export function machineFolder(stateFolder: string, name: string): string {
  return join(machinesFolder(stateFolder), name);
}

/** Lines of the machine's console. */
export function consoleFile(stateFolder: string, name: string): string {
  return join(machineFolder(stateFolder, name), "console.log");
}

/** The machine's root as the host sees it; what the machine mounts above it, /run and /tmp, is not in it. */
export function machineRoot(stateFolder: string, name: string): string {
  return join(machineFolder(stateFolder, name), "root");
}

/** Boots a machine and returns as soon as its first process runs. The namespace must exist. */
export async function bootMachine(options: MachineOptions): Promise<MachineRecord> {
  const { name, stateFolder } = options;
  const folder = machineFolder(stateFolder, name);
  const [upper, work, root] = [join(folder, "upper"), join(folder, "work"), join(folder, "root")] as const;
  for (const each of [upper, work, root]) mkdirSync(each, { recursive: true });
  writeDifferences(upper, options);
  await overlay({ lower: options.lower, upper, work, target: root });
  const container = inNamespace(
    "systemd-nspawn",
    // Also names the link on the bridge: without it all machines would have one name.
    `--machine=${name}`,
    `--directory=${root}`,
    "--boot",
    "--quiet",
    // No dependence on a systemd of the host; the groups are made here.
    "--register=no",
    "--keep-unit",
    `--network-bridge=${bridge}`,
    "--console=pipe",
    // Nomad's exec driver joins a new session keyring for each task.
    "--system-call-filter=@keyring",
    "--link-journal=no",
    "--timezone=off",
    "--resolv-conf=off",
    // What systemd gives services on a real machine.
    "--rlimit=RLIMIT_NOFILE=1024:524288",
    `--bind-ro=${hypervisorId(folder)}:/sys/hypervisor/uuid`,
  );
  const process = startDetached({
    command: fileURLToPath(new URL("./boot.sh", import.meta.url)),
    args: [...createCgroups(name), "--", container.command, ...container.args],
    env: {},
    logFile: consoleFile(stateFolder, name),
    recordFile: join(folder, "pid"),
  });
  const record: MachineRecord = {
    name,
    hostname: options.hostname,
    addresses: options.addresses,
    process,
    bootedAt: new Date().toISOString(),
  };
  writeFileSync(join(folder, "machine.json.new"), JSON.stringify(record));
  renameSync(join(folder, "machine.json.new"), join(folder, "machine.json"));
  return record;
}

/** Where EC2's firmware tells cloud-init that it runs on EC2, so that it asks the metadata service as it does there. */
function hypervisorId(folder: string): string {
  const file = join(folder, "hypervisor-uuid");
  writeFileSync(file, `ec2${randomBytes(16).toString("hex").slice(3)}`.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5\n"));
  return file;
}

function writeDifferences(upper: string, { hostname, addresses, files }: MachineOptions): void {
  const common = machineDifferences({ hostname, addresses, machineId: randomBytes(16).toString("hex") });
  for (const { path, content, link, mode } of [...common, ...(files ?? [])]) {
    const file = join(upper, path);
    mkdirSync(dirname(file), { recursive: true });
    rmSync(file, { force: true });
    if (link !== undefined) symlinkSync(link, file);
    else writeFileSync(file, content ?? "", { mode: mode ?? 0o644 });
  }
}

/** Record of a machine whose process runs; undefined if it never booted or ended. */
export function runningMachine(stateFolder: string, name: string): MachineRecord | undefined {
  let record: MachineRecord;
  try {
    record = JSON.parse(readFileSync(join(machineFolder(stateFolder, name), "machine.json"), "utf8")) as MachineRecord;
  } catch {
    return undefined;
  }
  return isAlive(record.process) ? record : undefined;
}

/** The machine's own first process, as the host numbers it; undefined while it has none yet. */
export function machineInit(record: MachineRecord): ProcessRecord | undefined {
  const [first] = childrenOf(record.process.pid);
  return first === undefined ? undefined : recordOf(first);
}

export interface StopOptions {
  /** Time for an orderly power-off in milliseconds. 0: the power fails. */
  readonly graceMs: number;
}

/** Powers a machine off and removes everything of it. Right for what a crash left as well. */
export async function stopMachine(stateFolder: string, name: string, { graceMs }: StopOptions): Promise<void> {
  const folder = machineFolder(stateFolder, name);
  const record = runningMachine(stateFolder, name);
  if (record !== undefined) {
    // The container manager powers its machine off when it is asked to end.
    if (graceMs > 0) await endProcess(record.process, graceMs);
    else {
      const init = machineInit(record);
      if (init !== undefined) signal(init, "SIGKILL");
      await endProcess(record.process, 0);
    }
  }
  await waitFor(
    () => {
      const left = processesIn(name);
      for (const pid of left) {
        const each = recordOf(pid);
        if (each !== undefined) signal(each, "SIGKILL");
      }
      return left.length === 0;
    },
    { what: `end of all processes of machine ${name}`, timeoutMs: 15_000 },
  );
  removeCgroups(name);
  if (existsSync(folder)) {
    await unmountAll(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}
