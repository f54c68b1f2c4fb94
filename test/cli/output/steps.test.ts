import { expect, test } from "vitest";
import { plainRenderer } from "../../../cli/output/renderers.ts";
import { runSteps, type Step, type StepEvent, type StepRenderer } from "../../../cli/output/steps.ts";
import { criticalSums, joinTimelines, timelineOf, timelineText } from "../../../cli/output/timeline.ts";

function recorder(): { renderer: StepRenderer; events: string[] } {
  const events: string[] = [];
  const show = (event: StepEvent): void => {
    events.push(`${event.step.id} ${event.event}`);
  };
  return { events, renderer: { begin: () => {}, show, end: async () => {} } };
}

const step = (id: string, after: readonly string[], run: Step["run"] = async () => {}, more: Partial<Step> = {}): Step => ({
  id,
  title: id,
  after,
  run,
  ...more,
});

test("a step runs when those before it are done, beside all others", async () => {
  const { renderer, events } = recorder();
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  await runSteps(
    [step("base", [], () => gate), step("keep", [], async () => open()), step("platform", ["base", "keep"]), step("late", ["earlier"])],
    renderer,
    ["earlier"],
  );
  expect(events.indexOf("keep start")).toBeLessThan(events.indexOf("base done"));
  expect(events.indexOf("platform start")).toBeGreaterThan(events.indexOf("base done"));
  expect(events).toContain("late done");
});

test("after a failure nothing new starts, what runs is awaited, and the first error is thrown", async () => {
  const { renderer, events } = recorder();
  const steps = [
    step("fails", [], async () => {
      throw new Error("first");
    }),
    step("runs", [], async ({ signal }) => {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    }),
    step("next", ["fails"]),
    step("abandoned", [], () => new Promise(() => {}), { abandon: true }),
  ];
  await expect(runSteps(steps, renderer)).rejects.toThrow("first");
  expect(events).toContain("runs done");
  expect(events).toContain("next skipped");
  expect(events).not.toContain("next start");
});

test("a step after one that does not exist is a defect", async () => {
  await expect(runSteps([step("one", ["none"])], recorder().renderer)).rejects.toThrow("step one: after none, which is no step");
});

test("the critical path goes back from the last end through whichever predecessor ended last", () => {
  const ended = (
    id: string,
    after: string[],
    startMs: number,
    endMs: number,
    parts: { kind: "boot" | "provider waits"; ms: number }[] = [],
  ) => ({ step: { id, title: id, after }, startMs, endMs, parts });
  const timeline = joinTimelines([
    timelineOf([ended("synth", [], 100, 1_100)]),
    timelineOf([
      ended("keep", [], 0, 8_000),
      ended("base", [], 0, 30_000, [{ kind: "provider waits", ms: 20_000 }]),
      ended("platform", ["base", "keep"], 30_000, 90_000),
      ended("boot", ["platform"], 90_000, 120_000, [{ kind: "boot", ms: 30_000 }]),
    ]),
  ]);
  expect(timeline.totalMs).toBe(121_000);
  expect(timeline.entries.filter(({ critical }) => critical).map(({ id }) => id)).toEqual(["synth", "base", "platform", "boot"]);
  expect(criticalSums(timeline)).toEqual({
    "provider starts": 0,
    "provider waits": 20_000,
    boot: 30_000,
    "component build": 0,
    compile: 0,
    other: 71_000,
  });
  expect(timelineText(timeline)).toEqual([
    "Time line, 121.0 s in all. On the critical path (begin, length):",
    "     0.0 s  +1.0 s    synth",
    "     1.0 s  +30.0 s   base  (provider waits 20.0 s)",
    "    31.0 s  +60.0 s   platform",
    "    91.0 s  +30.0 s   boot  (boot 30.0 s)",
    "Beside it:",
    "     1.0 s  +8.0 s    keep",
    "Sums on the critical path: provider starts 0.0 s, provider waits 20.0 s, boot 30.0 s, component build 0.0 s, compile 0.0 s, other 71.0 s",
  ]);
});

test("without a terminal each event is a line with its time", async () => {
  const lines: string[] = [];
  await runSteps(
    [step("base", [], async ({ say }) => say("3 of 4"))],
    plainRenderer((line) => lines.push(line)),
  );
  expect(lines.map((line) => line.replace(/[\d.]+ s/g, "N s").trim())).toEqual([
    "N s  base",
    "N s  base: 3 of 4",
    "N s  base: done in N s",
  ]);
});
