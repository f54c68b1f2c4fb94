import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { type StateFolders, writeWhole } from "../folders.ts";
import { identify, isAlive, livingMembers } from "../processes/identity.ts";

/** Carries a run's id, so that its processes are known for sure whoever started them. */
const runVariable = "EDGE_FLEET_RUN";

const recordSchema = z.object({
  id: z.string(),
  stack: z.string(),
  operation: z.enum(["apply", "destroy", "plan"]),
  /** The shell that leads the run's session. */
  leader: z.object({ pid: z.number(), startTime: z.string(), bootId: z.string(), host: z.string(), user: z.string() }),
  command: z.array(z.string()),
  startedAt: z.string(),
  configHash: z.string(),
  /** Terraform's events, one JSON document a line. */
  logFile: z.string(),
  /** Terraform's own log; holds the id of the state lock it took. */
  coreLogFile: z.string(),
  /** Terraform's exit code; absent while it runs, and for good when the whole session was killed. */
  exitFile: z.string(),
});

/** One run of Terraform on one stack, written down before Terraform starts. */
export type RunRecord = z.output<typeof recordSchema>;
export type Operation = RunRecord["operation"];

// The record is on disk before `go` is written, so no run exists that the next `up` does not know. Signals of a terminal
// reach Terraform, which ends in order; the shell stays to write down how it ended.
export const sessionScript = `trap : INT TERM
read -r go && [ "$go" = go ] || exit 75
code=0
"$@" </dev/null >>"$FLEET_LOG" 2>&1 || code=$?
printf '%s\\n' "$code" >"$FLEET_EXIT.partial" && mv "$FLEET_EXIT.partial" "$FLEET_EXIT"`;

export interface RunRequest {
  readonly stack: { readonly name: string; readonly folder: string; readonly configHash: string };
  readonly operation: Operation;
  readonly program: string;
  readonly args: readonly string[];
  /** Whole process environment of the run. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Starts Terraform in a session of its own: whatever becomes of this process, Terraform goes on to its end. */
export function startRun(folders: StateFolders, request: RunRequest): RunRecord {
  const id = randomUUID();
  const { stack, operation } = request;
  mkdirSync(folders.logs, { recursive: true });
  const log = (kind: string): string => join(folders.logs, `${stack.name}-${operation}.${kind}`);
  const files = { logFile: log("jsonl"), coreLogFile: log("core.log"), exitFile: log("exit") };
  for (const file of Object.values(files)) rmSync(file, { force: true });
  const command = [request.program, ...request.args];
  const child = spawn("/bin/sh", ["-c", sessionScript, "edge-fleet-run", ...command], {
    cwd: stack.folder,
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    env: {
      ...request.variables,
      [runVariable]: id,
      FLEET_LOG: files.logFile,
      FLEET_EXIT: files.exitFile,
      TF_LOG_CORE: "INFO",
      TF_LOG_PATH: files.coreLogFile,
    },
  });
  const leader = child.pid === undefined ? undefined : identify(child.pid);
  if (leader === undefined) throw new Error(`${stack.name}: /bin/sh did not start in ${stack.folder}`);
  const record: RunRecord = {
    id,
    stack: stack.name,
    operation,
    leader,
    command,
    startedAt: new Date().toISOString(),
    configHash: stack.configHash,
    ...files,
  };
  writeWhole(recordFile(folders, stack.name), JSON.stringify(record, null, 2));
  child.stdin.end("go\n");
  child.unref();
  return record;
}

export function readRecord(folders: StateFolders, stack: string): RunRecord | undefined {
  const file = recordFile(folders, stack);
  return existsSync(file) ? recordSchema.parse(JSON.parse(readFileSync(file, "utf8"))) : undefined;
}

export function forgetRecord(folders: StateFolders, stack: string): void {
  rmSync(recordFile(folders, stack), { force: true });
}

/** Whether Terraform, or the shell that waits for it, is still there. */
export function isRunning(record: RunRecord): boolean {
  return isAlive(record.leader) || members(record).some(({ provider }) => !provider);
}

/** Sends Terraform the signal of Ctrl-C: it finishes what it has begun, writes the state and frees the lock. */
export function interruptRun(record: RunRecord): void {
  if (!isAlive(record.leader)) return;
  process.kill(-record.leader.pid, "SIGINT");
}

/** Provider processes outlive a killed Terraform, and may still be creating something. */
export function killLeftProviders(record: RunRecord): void {
  for (const { pid } of members(record)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone meanwhile.
    }
  }
}

/** Exit code of an ended run; undefined when nobody was left to write it down. */
export function exitCode(record: RunRecord): number | undefined {
  return existsSync(record.exitFile) ? Number(readFileSync(record.exitFile, "utf8").trim()) : undefined;
}

function members(record: RunRecord): { pid: number; provider: boolean }[] {
  return livingMembers(record.leader, runVariable, record.id).map((pid) => ({
    pid,
    provider: programOf(pid).startsWith("terraform-provider-"),
  }));
}

function programOf(pid: number): string {
  try {
    return basename(readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] ?? "");
  } catch {
    return "";
  }
}

function recordFile(folders: StateFolders, stack: string): string {
  return join(folders.runs, `${stack}.json`);
}
