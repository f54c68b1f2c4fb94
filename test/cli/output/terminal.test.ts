import { stripVTControlCharacters } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import { terminalRenderer } from "../../../cli/output/renderers.ts";
import { runSteps, type Step } from "../../../cli/output/steps.ts";

const tty = process.stdout.isTTY;
afterEach(() => {
  process.stdout.isTTY = tty;
  vi.restoreAllMocks();
});

/** What stands on the terminal at the end: Listr writes the last state of its lines once more, below what it erased. */
async function lastLines(steps: readonly Step[]): Promise<string[]> {
  process.stdout.isTTY = true;
  let text = "";
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await runSteps(steps, terminalRenderer()).catch(() => {});
  vi.restoreAllMocks();
  const lines = stripVTControlCharacters(text).split(/[\r\n]+/);
  const last = lines.filter((line) => line !== "").slice(-steps.length);
  return last.map((line) => line.replace(/\d+\.\d s/, "<time>"));
}

const step = (id: string, after: readonly string[], more: Partial<Step> = {}): Step => ({
  id,
  title: id,
  after,
  run: async () => {},
  ...more,
});

test("a step that is over before its line is drawn has its mark and its time", async () => {
  expect(await lastLines([step("preflight", [])])).toEqual(["✔ preflight (<time>)"]);
});

test("each line ends with what became of its step", async () => {
  const steps = [
    step("base", []),
    step("platform", ["base"], { run: () => Promise.reject(new Error("refused")) }),
    step("apps", ["platform"]),
    step("programs", [], { run: () => new Promise(() => {}), abandon: true }),
  ];
  expect(await lastLines(steps)).toEqual([
    "✔ base (<time>)",
    "✖ platform (failed after <time>)",
    "↓ apps: a step before it failed",
    "↓ programs: not waited for",
  ]);
});
