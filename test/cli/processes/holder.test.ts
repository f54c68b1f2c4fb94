import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UserError } from "../../../cli/errors.ts";
import { hold } from "../../../cli/processes/holder.ts";
import { identify } from "../../../cli/processes/identity.ts";
import { temporaryFolder } from "../support/folders.ts";
import { idleProcess, killed, pidOf } from "../support/processes.ts";

const since = "2026-11-20T10:00:00.000Z";

function claim(folder: string, pid: number, held: boolean, name = `${pid}.json`): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), JSON.stringify({ ...identify(pid), command: "fleet up sandbox", since, held }));
}

test("the environment is taken and given back", async () => {
  const folder = temporaryFolder();
  const held = await hold(folder, "sandbox", "fleet up sandbox");
  await expect(hold(folder, "sandbox", "fleet down sandbox")).rejects.toThrow("environment sandbox: in use");
  held.release();
  expect(readdirSync(folder)).toEqual([]);
  (await hold(folder, "sandbox", "fleet down sandbox")).release();
});

test("the second command says who holds it since when, and leaves no trace", async () => {
  const folder = temporaryFolder();
  const other = idleProcess();
  claim(folder, pidOf(other), true);
  const error = await hold(folder, "sandbox", "fleet up sandbox").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toBe(
    `environment sandbox: in use, got \`fleet up sandbox\` (pid ${other.pid} of ${userInfo().username} on ${hostname()}) since ${since}; expected nobody. Wait until it ends, then run this command again.`,
  );
  expect(readdirSync(folder)).toEqual([`${other.pid}.json`]);
});

test("a killed holder holds nothing", async () => {
  const folder = temporaryFolder();
  const other = idleProcess();
  claim(folder, pidOf(other), true);
  await killed(other);
  const held = await hold(folder, "sandbox", "fleet up sandbox");
  expect(readdirSync(folder)).toHaveLength(1);
  held.release();
});

test("of two that claim at once the smaller name goes on", async () => {
  const folder = temporaryFolder();
  const other = idleProcess();
  claim(folder, pidOf(other), false, "0-first.json");
  await expect(hold(folder, "sandbox", "fleet up sandbox")).rejects.toThrow("in use");
  claim(folder, pidOf(other), false, "z-last.json");
  const waiting = hold(folder, "sandbox", "fleet up sandbox").catch((thrown: unknown) => thrown);
  expect(await waiting).toBeInstanceOf(UserError); // `0-first` still claims.
  await killed(other);
  (await hold(folder, "sandbox", "fleet up sandbox")).release();
});

test("exactly one of many at once gets it", async () => {
  const folder = temporaryFolder();
  const results = await Promise.allSettled(Array.from({ length: 12 }, () => hold(folder, "sandbox", "fleet up sandbox")));
  const won = results.filter((result) => result.status === "fulfilled");
  expect(won).toHaveLength(1);
  for (const result of won) result.value.release();
  expect(readdirSync(folder)).toEqual([]);
});
