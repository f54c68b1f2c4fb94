import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error A program of the build, without types.
import { agentProgram, buildAgent } from "../../agent/build.mjs";
import { paths } from "../../constructs/bootstrap/layout.ts";

test("the agent's program is the same from the same sources, and one file that runs", async () => {
  const first = (await buildAgent()) as { size: number; sha256: string };
  expect(await buildAgent()).toEqual(first);
  // A bundle with it must stay small enough to fetch at boot in a moment.
  expect(first.size).toBeLessThan(6_000_000);

  const unknown = spawnSync(process.execPath, [agentProgram as string, "dance"], { encoding: "utf8" });
  expect(unknown).toMatchObject({ status: 2, stderr: 'agent: not a command, got "dance"; expected bootstrap or run\n' });
  if (existsSync(paths.bootstrapEnv)) return;
  for (const command of ["run", "bootstrap"]) {
    const { status, stderr } = spawnSync(process.execPath, [agentProgram as string, command], { encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr.trim()).toMatch(
      new RegExp(`^agent ${command}: ${paths.bootstrapEnv}: not readable; expected what the user data writes\\.`),
    );
    expect(stderr.trim().split("\n")).toHaveLength(1);
  }
});
