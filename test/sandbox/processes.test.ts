import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { canConnect, listenerOf } from "../../sandbox/host/ports.ts";
import { endRecorded, isAlive, readRecord, recordOf, startDetached, writeRecord } from "../../sandbox/host/processes.ts";
import { run } from "../../sandbox/host/run.ts";
import { waitFor } from "../../sandbox/host/wait.ts";

const folder = mkdtempSync(join(tmpdir(), "edge-fleet-processes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(process.platform !== "linux")("processes", () => {
  test("a detached process is started once, found again by its record, and ended", async () => {
    const recordFile = join(folder, "sleep.json");
    const options = { command: "sleep", args: ["60"], env: {}, logFile: join(folder, "sleep.log"), recordFile };
    const first = startDetached(options);
    expect(startDetached(options)).toEqual(first);
    expect(readRecord(recordFile)).toEqual(first);
    await endRecorded(recordFile);
    expect(isAlive(first)).toBe(false);
    expect(readRecord(recordFile)).toBeUndefined();
  });

  test("a process that has another one's number is not taken for it", () => {
    const self = recordOf(process.pid);
    expect(self).toBeDefined();
    const stale = { pid: process.pid, startTime: "1" };
    expect(isAlive(stale)).toBe(false);
    writeRecord(join(folder, "stale.json"), stale);
    expect(readRecord(join(folder, "stale.json"))).toBeUndefined();
  });

  test("a program that is not there says so", () => {
    const options = {
      command: "no-such-program-here",
      args: [],
      env: {},
      logFile: join(folder, "x.log"),
      recordFile: join(folder, "x.json"),
    };
    expect(() => startDetached(options)).toThrow("no-such-program-here: cannot be started");
  });

  test("who listens at a port is known by name and number", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    expect(await canConnect(port)).toBe(true);
    expect(listenerOf(port)).toMatchObject({ pid: process.pid, command: readFileSync("/proc/self/comm", "utf8").trim() });
    await new Promise((resolve) => server.close(resolve));
    expect(await canConnect(port)).toBe(false);
    expect(listenerOf(port)).toBeUndefined();
  });
});

describe("run", () => {
  test("a failure ends with the program's own last words", async () => {
    await expect(run("sh", ["-c", "echo out; echo because >&2; exit 3"])).rejects.toThrow(
      /got exit code 3; expected exit code 0\n {2}because/,
    );
    await expect(run("no-such-program-here", [])).rejects.toThrow("no-such-program-here: cannot be started");
    expect((await run("sh", ["-c", "exit 3"], { allowedCodes: [3] })).code).toBe(3);
  });

  test("a program that does not end is ended", async () => {
    await expect(run("sleep", ["60"], { timeoutMs: 50 })).rejects.toThrow("got no end within 50 ms");
  });

  test("lines come whole, however they were written", async () => {
    const lines: string[] = [];
    await run("sh", ["-c", "printf 'one\\ntw'; printf 'o\\n'"], { onLine: (line) => lines.push(line) });
    expect(lines).toEqual(["one", "two"]);
  });
});

test("waitFor gives what it waited for, or says what did not come", async () => {
  let looks = 0;
  expect(await waitFor(() => (++looks === 3 ? "there" : undefined), { what: "it", timeoutMs: 5_000, everyMs: 1 })).toBe("there");
  await expect(waitFor(() => undefined, { what: "the answer", timeoutMs: 5, everyMs: 1, hint: "See the log" })).rejects.toThrow(
    "the answer: not there, got nothing for 5 ms; expected it by then. See the log",
  );
});
