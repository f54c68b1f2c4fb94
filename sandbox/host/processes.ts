import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { waitFor } from "./wait.ts";

/** A process that cannot be taken for another one: ids are given again, an id with its start time is not. */
export interface ProcessRecord {
  readonly pid: number;
  /** Clock ticks since the host started, field 22 of /proc/<pid>/stat. */
  readonly startTime: string;
}

interface Stat {
  readonly state: string;
  readonly parent: number;
  readonly startTime: string;
}

function readStat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The name (field 2) is in brackets and may hold blanks and brackets.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent] = fields;
  const startTime = fields[19];
  if (state === undefined || parent === undefined || startTime === undefined) return undefined;
  return { state, parent: Number(parent), startTime };
}

/** Record of a process that runs now; undefined if there is none. */
export function recordOf(pid: number): ProcessRecord | undefined {
  const stat = readStat(pid);
  return stat === undefined ? undefined : { pid, startTime: stat.startTime };
}

/** True while this very process runs; a zombie does not. */
export function isAlive(record: ProcessRecord): boolean {
  const stat = readStat(record.pid);
  return stat !== undefined && stat.startTime === record.startTime && stat.state !== "Z" && stat.state !== "X";
}

/** Direct children of a process. */
export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((id) => readStat(id)?.parent === pid);
}

/** Processes that live in the network namespace of this file. */
export function processesInNetwork(file: string): ProcessRecord[] {
  const wanted = inodeOf(file);
  if (wanted === undefined) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && inodeOf(`/proc/${name}/ns/net`) === wanted)
    .flatMap((name) => recordOf(Number(name)) ?? []);
}

/** Undefined also for processes that even root may not look into. */
function inodeOf(file: string): number | undefined {
  try {
    return statSync(file).ino;
  } catch {
    return undefined;
  }
}

export function writeRecord(file: string, record: ProcessRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(record));
  renameSync(`${file}.new`, file);
}

/** Record in the file if its process runs; undefined without file, or if it ended. */
export function readRecord(file: string): ProcessRecord | undefined {
  let record: ProcessRecord;
  try {
    record = JSON.parse(readFileSync(file, "utf8")) as ProcessRecord;
  } catch {
    return undefined;
  }
  return isAlive(record) ? record : undefined;
}

export interface DetachedProcess {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment; nothing is inherited but PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes both outputs, appended. */
  readonly logFile: string;
  /** Where its record is kept. */
  readonly recordFile: string;
}

/** Starts a process in a session of its own, so that it outlives this one. One that runs already is kept. */
export function startDetached(options: DetachedProcess): ProcessRecord {
  const running = readRecord(options.recordFile);
  if (running !== undefined) return running;
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, "a");
  try {
    const child = spawn(options.command, options.args, {
      detached: true,
      stdio: ["ignore", log, log],
      cwd: "/",
      env: {
        PATH: process.env.PATH ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        HOME: process.env.HOME ?? "/root",
        ...options.env,
      },
    });
    child.on("error", () => undefined);
    const record = child.pid === undefined ? undefined : recordOf(child.pid);
    if (record === undefined) throw new Error(`${options.command}: cannot be started; expected a program in PATH. See ${options.logFile}`);
    child.unref();
    writeRecord(options.recordFile, record);
    return record;
  } finally {
    closeSync(log);
  }
}

/** Sends a signal to this very process; nothing happens if it ended. */
export function signal(record: ProcessRecord, name: NodeJS.Signals | number): void {
  if (!isAlive(record)) return;
  try {
    process.kill(record.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Asks a process to end, and kills it when it does not within the time. */
export async function endProcess(record: ProcessRecord, graceMs: number): Promise<void> {
  const gone = () => !isAlive(record);
  if (graceMs > 0) {
    signal(record, "SIGTERM");
    const ended = await waitFor(gone, { what: `end of process ${record.pid}`, timeoutMs: graceMs }).catch(() => false);
    if (ended) return collected(record);
  }
  signal(record, "SIGKILL");
  await waitFor(gone, { what: `end of process ${record.pid} after SIGKILL`, timeoutMs: 10_000 });
  await collected(record);
}

/** A process whose starter is gone stays in the list until the host's init has collected it; some are slow, none is waited for long. */
async function collected(record: ProcessRecord): Promise<void> {
  const noEntry = () => readStat(record.pid)?.startTime !== record.startTime;
  await waitFor(noEntry, { what: `entry of process ${record.pid}`, timeoutMs: 3_000 }).catch(() => undefined);
}

/** Ends the process of a record file and removes the file. */
export async function endRecorded(recordFile: string, graceMs = 5_000): Promise<void> {
  const record = readRecord(recordFile);
  if (record !== undefined) await endProcess(record, graceMs);
  rmSync(recordFile, { force: true });
}
