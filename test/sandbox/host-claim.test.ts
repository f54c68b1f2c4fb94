import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { recordOf, writeRecord } from "../../sandbox/host/processes.ts";
import { claimHost, otherSandbox, releaseHost } from "../../sandbox/host-claim.ts";

const folder = mkdtempSync(join(tmpdir(), "edge-fleet-claim-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(process.platform !== "linux")("one sandbox on a machine", () => {
  const file = join(folder, "run", "sandbox.json");
  const one = join(folder, "one", "sandbox");
  const other = join(folder, "other", "sandbox");
  const daemonOf = (stateFolder: string) => join(stateFolder, "daemon.json");

  test("while one runs, another user's is refused and told how to stop it; its own may be started again", () => {
    mkdirSync(one, { recursive: true });
    claimHost(one, file);
    const self = recordOf(process.pid);
    if (self === undefined) throw new Error("no record of this process");
    writeRecord(daemonOf(one), self);
    expect(otherSandbox(one, file)).toBeUndefined();
    expect(() => claimHost(one, file)).not.toThrow();
    expect(() => claimHost(other, file)).toThrow(
      `sandbox: another one runs on this machine, got its state in ${one}; expected one at a time. Stop it by \`EDGE_FLEET_STATE=${join(folder, "one")} npm run down\``,
    );
  });

  test("one that crashed keeps nobody out", () => {
    writeRecord(daemonOf(one), { pid: process.pid, startTime: "1" });
    claimHost(other, file);
    expect(otherSandbox(other, file)).toBeUndefined();
  });

  test("only the one that has the machine gives it back", () => {
    releaseHost(one, file);
    writeRecord(daemonOf(other), recordOf(process.pid) ?? { pid: 0, startTime: "" });
    expect(otherSandbox(one, file)).toBe(other);
    releaseHost(other, file);
    expect(otherSandbox(one, file)).toBeUndefined();
  });
});
