import { describeError, type Log } from "../log.ts";
import { pause } from "./pause.ts";

export interface LoopOptions {
  readonly name: string;
  /** Time between the end of a step and the start of the next, in milliseconds. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Longest wait after failures, in milliseconds. Default 30,000: long enough not to load what is broken. */
  readonly maxBackoffMs?: number;
  /** Numbers in [0, 1); tests give their own. */
  readonly random?: () => number;
}

/**
 * Repeats `step` until the signal aborts. A failing step is tried again with growing, jittered waits; it is logged
 * when it starts failing, when the reason changes and when it works again, not at each try.
 */
export async function supervise(options: LoopOptions, step: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { name, everyMs, signal, log } = options;
  let failures = 0;
  let lastReason: string | undefined;
  while (!signal.aborted) {
    let wait = everyMs;
    try {
      await step(signal);
      if (failures > 0) log("info", `${name}: works again`, { failures });
      failures = 0;
      lastReason = undefined;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      wait = backoffMs(failures, everyMs, options.maxBackoffMs ?? 30_000, options.random ?? Math.random);
      const reason = describeError(error);
      if (reason !== lastReason) log("error", `${name}: failed`, { reason, failures });
      lastReason = reason;
    }
    await pause(wait, signal);
  }
}

/** Doubles from the loop's own pace (500 ms at least) up to `max`; the second half of each wait is random, so that a fleet does not come back as one. */
export function backoffMs(failures: number, everyMs: number, max: number, random: () => number): number {
  const full = Math.min(max, Math.max(500, everyMs) * 2 ** Math.min(failures - 1, 16));
  return full / 2 + (full / 2) * random();
}
