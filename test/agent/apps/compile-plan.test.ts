import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { firstRetryMs, longestRetryMs, planCompiles, retryMs } from "../../../agent/apps/compile-plan.ts";
import type { DispatchedJob } from "../../../agent/nomad/client.ts";
import { sha } from "../support/documents.ts";

const engine = "wasmtime-48.0.8";
const component = sha("hello");
const short = component.slice(0, 12);
const run = (status: DispatchedJob["status"], submittedAt: number, id = `compile/dispatch-${submittedAt}`): DispatchedJob => ({
  id,
  status,
  submittedAt,
  meta: { component, engine },
});
const plan = (runs: readonly DispatchedJob[], now = 1_000_000, reasons = new Map<string, string>()) =>
  planCompiles({ now, engine, missing: [component], uploaded: new Set([component]), runs, reasons });

describe("compiles", () => {
  test("a new component is compiled once", () => {
    expect(plan([])).toEqual({ dispatches: [{ component, idempotencyToken: `${component}-${engine}-0` }], problems: new Map() });
    for (const status of ["pending", "running"] as const)
      expect(plan([run(status, 999_000)])).toEqual({ dispatches: [], problems: new Map() });
  });
  test("a component that was never uploaded is not compiled, and the team is told what to do", () => {
    const { dispatches, problems } = planCompiles({
      now: 0,
      engine,
      missing: [component],
      uploaded: new Set(),
      runs: [],
      reasons: new Map(),
    });
    expect(dispatches).toEqual([]);
    expect(problems.get(component)).toBe(
      `component ${short} is not in the bucket. Release it again with \`fleet app release\`, which uploads it first`,
    );
  });
  test("a failure is told with its reason, and tried again later under another token", () => {
    const failed = run("dead", 1_000_000, "compile/dispatch-1");
    const reasons = new Map([["compile/dispatch-1", "not a component"]]);
    const early = plan([failed], 1_000_000 + firstRetryMs - 1, reasons);
    expect(early.dispatches).toEqual([]);
    expect(early.problems.get(component)).toBe(`compile of ${short} failed once: not a component`);
    const later = plan([failed], 1_000_000 + firstRetryMs, reasons);
    expect(later.dispatches).toEqual([{ component, idempotencyToken: `${component}-${engine}-1` }]);
    const again = plan([failed, run("running", 1_010_000)], 1_011_000, reasons);
    expect(again.dispatches).toEqual([]);
    expect(again.problems.get(component)).toBe(`compile of ${short} failed once: not a component`);
    const twice = plan([failed, run("dead", 1_010_000, "compile/dispatch-2")], 1_011_000, reasons);
    expect(twice.problems.get(component)).toBe(`compile of ${short} failed 2 times: its job ended without a compiled component`);
  });
  test("a run that no node takes is told", () => {
    expect(plan([run("pending", 0)], 30_001).problems.get(component)).toBe(`compile of ${short} waits for a node with enough free memory`);
    expect(plan([run("pending", 0)], 30_000).problems.size).toBe(0);
  });
  test("runs of another component or engine do not count", () => {
    const others = [
      { ...run("running", 1), meta: { component: sha("other"), engine } },
      { ...run("running", 1), meta: { component, engine: "wasmtime-36.0.0" } },
    ];
    expect(plan(others).dispatches).toHaveLength(1);
  });
  test("two leaders with the same view start the same run", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.integer({ min: 0, max: 1e7 }), dead: fc.boolean() }), { maxLength: 8 }),
        fc.nat(2e7),
        (history, now) => {
          const runs = history.map(({ at, dead }, index) => run(dead ? "dead" : "running", at, `run-${index}`));
          const first = plan(runs, now);
          expect(plan([...runs].reverse(), now)).toEqual(first);
          expect(first.dispatches.length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
  test("waits grow, and end at the longest", () => {
    fc.assert(
      fc.property(fc.nat(1_000), (ended) => {
        expect(retryMs(ended + 1)).toBeGreaterThanOrEqual(retryMs(ended));
        expect(retryMs(ended)).toBeLessThanOrEqual(longestRetryMs);
      }),
    );
    expect(retryMs(1_000)).toBe(longestRetryMs);
  });
});
