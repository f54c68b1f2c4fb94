import type { Log } from "../log.ts";
import { childSignal } from "./child-signal.ts";
import { supervise } from "./supervise.ts";

/**
 * Repeats `step` until it succeeds once, as `supervise` does, and returns what it gave; undefined when the signal
 * aborted first. Waits are short: something else waits for the result.
 */
export async function untilDone<T>(
  options: { readonly name: string; readonly signal: AbortSignal; readonly log: Log },
  step: () => Promise<T>,
): Promise<T | undefined> {
  const child = childSignal(options.signal);
  let result: T | undefined;
  try {
    await supervise({ ...options, everyMs: 500, maxBackoffMs: 2_000, signal: child.signal }, async () => {
      result = await step();
      child.abort();
    });
    return result;
  } finally {
    child.release();
  }
}
