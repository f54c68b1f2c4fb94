import { getEventListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Log } from "../../../agent/log.ts";
import { childSignal } from "../../../agent/loops/child-signal.ts";
import { each } from "../../../agent/loops/each.ts";
import { pause } from "../../../agent/loops/pause.ts";
import { backoffMs, supervise } from "../../../agent/loops/supervise.ts";
import { untilDone } from "../../../agent/loops/until-done.ts";

function recorder(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, log: (level, message, fields) => void lines.push(`${level} ${message} ${fields?.reason ?? ""}`.trim()) };
}

describe("supervised loop", () => {
  test("logs when it starts failing, when the reason changes and when it works again, not at each try", async () => {
    const stop = new AbortController();
    const { log, lines } = recorder();
    const outcomes = ["ok", "a", "a", "a", "b", "ok", "ok"];
    let step = 0;
    await supervise({ name: "x", everyMs: 0, maxBackoffMs: 1, signal: stop.signal, log, random: () => 0 }, async () => {
      const outcome = outcomes[step++];
      if (outcome === undefined) stop.abort();
      else if (outcome !== "ok") throw new Error(outcome);
    });
    expect(lines).toEqual(["error x: failed a", "error x: failed b", "info x: works again"]);
  });
  test("ends at once when the signal aborts, also while it waits, and leaves no listener", async () => {
    const stop = new AbortController();
    const { log, lines } = recorder();
    let steps = 0;
    const end = supervise({ name: "x", everyMs: 3_600_000, signal: stop.signal, log }, async () => {
      steps += 1;
      setImmediate(() => stop.abort());
    });
    await end;
    expect(steps).toBe(1);
    expect(lines).toEqual([]);
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  });
  test("a failure because of the abort is none", async () => {
    const stop = new AbortController();
    const { log, lines } = recorder();
    await supervise({ name: "x", everyMs: 0, signal: stop.signal, log }, async () => {
      stop.abort();
      throw new Error("aborted");
    });
    expect(lines).toEqual([]);
  });
  test("waits grow to the longest, and never below half of it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.nat(10_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, every, random) => {
          const wait = backoffMs(failures, every, 30_000, () => random);
          expect(wait).toBeLessThanOrEqual(30_000);
          expect(wait).toBeGreaterThanOrEqual(Math.min(30_000, Math.max(500, every)) / 2);
          expect(backoffMs(failures + 1, every, 30_000, () => random)).toBeGreaterThanOrEqual(wait);
        },
      ),
    );
  });
  test("until done: gives the first result; nothing when it was aborted", async () => {
    const { log } = recorder();
    expect(await untilDone({ name: "x", signal: new AbortController().signal, log }, async () => 7)).toBe(7);
    expect(await untilDone({ name: "x", signal: AbortSignal.abort(), log }, async () => 7)).toBeUndefined();
  });
});

describe("signals and widths", () => {
  test("a child aborts with its parent and after its time, and lets go of its parent", async () => {
    const parent = new AbortController();
    const child = childSignal(parent.signal);
    expect(getEventListeners(parent.signal, "abort")).toHaveLength(1);
    const other = childSignal(parent.signal);
    other.release();
    expect(getEventListeners(parent.signal, "abort")).toHaveLength(1);
    parent.abort(new Error("why"));
    expect(child.signal.reason).toEqual(new Error("why"));
    const timed = childSignal(undefined, 1);
    await new Promise((resolve) => timed.signal.addEventListener("abort", resolve, { once: true }));
    expect(timed.signal.reason).toEqual(new Error("no answer within 1 ms"));
  });
  test("each works on everything, never on more at a time than its width", async () => {
    let now = 0;
    let most = 0;
    const done: number[] = [];
    await each([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++now);
      await pause(1, new AbortController().signal);
      now -= 1;
      done.push(item);
    });
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });
  test("each fails with the first failure and starts nothing more", async () => {
    const started: number[] = [];
    const work = each([1, 2, 3, 4, 5], 1, async (item) => {
      started.push(item);
      if (item === 2) throw new Error("two");
    });
    await expect(work).rejects.toThrow("two");
    expect(started).toEqual([1, 2]);
  });
});
