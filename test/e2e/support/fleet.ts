import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { sandboxStateFolder } from "../../../sandbox/host/folders.ts";
import { execInMachine } from "../../../sandbox/machines/exec.ts";
import { runningMachine } from "../../../sandbox/machines/machine.ts";
import { listMachines, type Machine } from "../../../sandbox/sandbox.ts";

export const projectFolder = resolve(fileURLToPath(new URL("../../..", import.meta.url)));

export interface FleetRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The document of `--json`'s last line. */
  readonly result: Record<string, unknown>;
  readonly seconds: number;
}

/** Runs `fleet --json` as a user would, in a process of its own. */
export async function fleet(...args: string[]): Promise<FleetRun> {
  const started = Date.now();
  const child = startFleet(...args);
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.setEncoding("utf8").on("data", (text: string) => (output[stream] += text));
  const code = await new Promise<number>((done, fail) => child.once("error", fail).once("close", (status) => done(status ?? 1)));
  const last = output.stdout.trim().split("\n").at(-1) ?? "";
  const result = last.startsWith("{") ? (JSON.parse(last) as Record<string, unknown>) : {};
  return { code, ...output, result, seconds: (Date.now() - started) / 1000 };
}

/** The same without waiting for its end. */
export function startFleet(...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(projectFolder, "cli", "fleet.mjs"), "--json", ...args], {
    cwd: projectFolder,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs `fleet` until `seen` says so of a line of its output, then kills it as power loss would. */
export async function fleetKilledWhen(
  seen: (event: { step?: string; event?: string; text?: string }) => boolean,
  ...args: string[]
): Promise<void> {
  const child = startFleet(...args);
  let rest = "";
  let killed = false;
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (killed || !lines.some((line) => line.startsWith("{") && seen(JSON.parse(line) as object))) return;
    killed = true;
    child.kill("SIGKILL");
  });
  await new Promise((done) => child.once("close", done));
  if (!killed) throw new Error(`fleet ${args.join(" ")}: ended before it was to be killed`);
}

/** Fails with all that the command said, where it should have worked. */
export async function fleetMust(...args: string[]): Promise<FleetRun> {
  const run = await fleet(...args);
  if (run.code !== 0) throw new Error(`fleet ${args.join(" ")}: exit ${run.code}\n${run.stdout.slice(-6000)}\n${run.stderr.slice(-6000)}`);
  return run;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly release: string | undefined;
}

/** One request through the published port of the load balancer; a broken connection is an answer with status 0. */
export function ask(host: string, path = "/", port = 8080): Promise<Answer> {
  return new Promise((done) => {
    const call = request({ host: "127.0.0.1", port, path, headers: { host }, timeout: 5_000, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        done({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString("utf8"),
          release: response.headers["x-app-release"]?.toString(),
        }),
      );
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => done({ status: 0, body: "", release: undefined }));
    call.end();
  });
}

/** Awaits a condition; says what it saw last when it never came true. */
export async function eventually<T>(what: string, seconds: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let problem: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await look();
      if (value !== undefined) return value;
    } catch (error) {
      problem = error;
    }
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(`${what}: not within ${seconds} s`, { cause: problem });
}

export async function machinesOf(role: string): Promise<Machine[]> {
  return (await listMachines()).filter((machine) => machine.role === role);
}

/** Runs a shell line on a machine as root; returns its exit code and output. */
export async function on(machine: Machine, line: string): Promise<{ readonly code: number; readonly stdout: string }> {
  const record = runningMachine(sandboxStateFolder(), machine.instanceId);
  if (record === undefined) throw new Error(`${machine.name}: does not run`);
  const codes = Array.from({ length: 256 }, (_, code) => code);
  return execInMachine(record, ["bash", "-c", line], { allowedCodes: codes, timeoutMs: 60_000 });
}
