import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { type StateFolders, stateFolders } from "../../../cli/folders.ts";
import { followRun } from "../../../cli/terraform/operation.ts";
import { exitCode, isRunning, killLeftProviders, type RunRecord, readRecord, sessionScript, startRun } from "../../../cli/terraform/run.ts";
import { waitFor } from "../../../cli/wait.ts";
import { temporaryFolder } from "../support/folders.ts";
import { killed } from "../support/processes.ts";
import { program } from "../support/programs.ts";

const stack = "sandbox-base-us-east-1";

function start(folders: StateFolders, folder: string, path: string): RunRecord {
  return startRun(folders, {
    stack: { name: stack, folder, configHash: "hash" },
    operation: "apply",
    program: path,
    args: ["apply", "-json"],
    variables: process.env,
  });
}

const until = (what: string, holds: () => boolean): Promise<unknown> =>
  waitFor({ what, deadlineMs: 10_000, intervalMs: 20, todo: "", look: async () => (holds() ? { value: true } : { still: "no" }) });

test("a run writes its record first, its output into a log, and its exit code last", async () => {
  const folder = temporaryFolder();
  const folders = stateFolders("sandbox", folder);
  const record = start(folders, folder, program(folder, "terraform", 'echo "$@"; echo problem >&2; exit 3'));
  expect(readRecord(folders, stack)).toEqual(record);
  const outcome = await followRun(record, () => {});
  expect(outcome.code).toBe(3);
  expect(outcome.otherLines).toEqual(["apply -json", "problem"]);
  expect(isRunning(record)).toBe(false);
});

test("a run outlives its `fleet` that is killed", async () => {
  const folder = temporaryFolder();
  const go = join(folder, "go");
  const path = program(folder, "terraform", `until [ -e ${go} ]; do sleep 0.05; done; echo finished`);
  const entry = join(folder, "start-run.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("../support/start-run.ts", import.meta.url))],
    outfile: entry,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  const fleet = spawn(process.execPath, [entry, folder, folder, path], { stdio: ["ignore", "pipe", "inherit"] });
  await once(fleet.stdout, "data");
  await killed(fleet);
  const record = readRecord(stateFolders("sandbox", folder), stack);
  if (record === undefined) throw new Error("no record");
  expect(isRunning(record)).toBe(true);
  writeFileSync(go, "");
  const { code, otherLines } = await followRun(record, () => {});
  expect({ code, otherLines }).toEqual({ code: 0, otherLines: ["finished"] });
});

test("a killed program is told by its exit code", async () => {
  const folder = temporaryFolder();
  const record = start(stateFolders("sandbox", folder), folder, program(folder, "terraform", "kill -9 $$"));
  expect((await followRun(record, () => {})).code).toBe(137);
});

test("a run whose shell was killed too goes on until the program ends", async () => {
  const folder = temporaryFolder();
  const [pidFile, go] = [join(folder, "pid"), join(folder, "go")];
  const path = program(folder, "terraform", `echo $$ > ${pidFile}; until [ -e ${go} ]; do sleep 0.05; done`);
  const record = start(stateFolders("sandbox", folder), folder, path);
  await until("the program", () => existsSync(pidFile) && readFileSync(pidFile, "utf8") !== "");
  process.kill(record.leader.pid, "SIGKILL");
  expect(isRunning(record)).toBe(true);
  writeFileSync(go, "");
  const outcome = await followRun(record, () => {});
  expect(outcome.code).toBeUndefined();
  expect(exitCode(record)).toBeUndefined();
});

test("providers that outlive a killed Terraform do not keep the run alive, and are ended", async () => {
  const folder = temporaryFolder();
  const pidFile = join(folder, "pid");
  // `exec -a` gives the provider's process the name that Terraform's own have.
  const path = program(
    folder,
    "terraform",
    `bash -c 'exec -a terraform-provider-aws_v5 sleep 60' &\necho $! > ${pidFile}\nuntil grep -q provider /proc/$!/cmdline; do :; done\nkill -9 $$`,
  );
  const record = start(stateFolders("sandbox", folder), folder, path);
  expect((await followRun(record, () => {})).code).toBe(137);
  const pid = Number(readFileSync(pidFile, "utf8"));
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  killLeftProviders(record);
  await until("the provider's end", () => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "));
});

test("nothing starts when `fleet` dies before the record is written", async () => {
  const folder = temporaryFolder();
  const exit = join(folder, "exit");
  const shell = spawn("/bin/sh", ["-c", sessionScript, "name", "/bin/echo", "started"], {
    stdio: ["pipe", "ignore", "ignore"],
    env: { FLEET_LOG: join(folder, "log"), FLEET_EXIT: exit },
  });
  const ended = once(shell, "exit");
  shell.stdin.end();
  expect(await ended).toEqual([75, null]);
  expect(existsSync(join(folder, "log"))).toBe(false);
  expect(existsSync(exit)).toBe(false);
});
