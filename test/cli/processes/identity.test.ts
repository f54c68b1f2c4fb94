import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { identify, isAlive, livingMembers } from "../../../cli/processes/identity.ts";
import { idleProcess, killed, pidOf } from "../support/processes.ts";

function identityOf(pid: number) {
  const identity = identify(pid);
  if (identity === undefined) throw new Error(`no process ${pid}`);
  return identity;
}

describe("a process's identity", () => {
  test("is alive while the process lives and dead when it was killed", async () => {
    const child = idleProcess();
    const identity = identityOf(pidOf(child));
    expect(isAlive(identity)).toBe(true);
    await killed(child);
    expect(isAlive(identity)).toBe(false);
  });

  test("is not that of another process which was given the same pid", () => {
    const identity = identityOf(process.pid);
    expect(isAlive(identity)).toBe(true);
    expect(isAlive({ ...identity, startTime: String(Number(identity.startTime) - 1) })).toBe(false);
  });

  test("died with the boot it lived in", () => {
    expect(isAlive({ ...identityOf(process.pid), bootId: "another boot" })).toBe(false);
  });

  test("of another host is never taken for dead", () => {
    expect(isAlive({ ...identityOf(process.pid), host: "elsewhere", pid: 1, startTime: "0" })).toBe(true);
  });

  test("is undefined where there is no such process", async () => {
    const child = idleProcess();
    const pid = pidOf(child);
    await killed(child);
    expect(identify(pid)).toBeUndefined();
  });
});

describe("members of a session", () => {
  test("are found by the session and their mark, also when its leader is gone", async () => {
    const leader = spawn("/bin/sh", ["-c", "sleep 60 & echo $!; wait"], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, TEST_MARK: "one" },
    });
    const [text] = (await once(leader.stdout, "data")) as [Buffer];
    const sleeper = Number(text.toString());
    const identity = identityOf(pidOf(leader));
    try {
      expect(livingMembers(identity, "TEST_MARK", "one").sort()).toEqual([identity.pid, sleeper].sort());
      await killed(leader);
      expect(livingMembers(identity, "TEST_MARK", "one")).toEqual([sleeper]);
      expect(livingMembers(identity, "TEST_MARK", "two")).toEqual([]);
      expect(livingMembers({ ...identity, host: "elsewhere" }, "TEST_MARK", "one")).toEqual([]);
    } finally {
      process.kill(sleeper, "SIGKILL");
    }
  });
});
