import { describeError, type Log } from "../log.ts";
import { pause } from "../loops/pause.ts";

export interface WaitOptions {
  /** What is awaited, for the log. */
  readonly what: string;
  readonly log: Log;
  /** Ends the wait: it rejects with what is missing. */
  readonly signal: AbortSignal;
  /** First wait between two looks, in milliseconds. Default 200. Doubles up to `maxMs`. */
  readonly firstMs?: number;
  /** Default 2,000: a machine's boot is not slower for it, and the API is asked at most once in two seconds. */
  readonly maxMs?: number;
}

/** Not there yet, with the reason, which the log shows when it changes. */
export class NotYet extends Error {}

/**
 * Looks until `look` resolves. Whatever it rejects with is a reason to look again; a new reason is one log line, an
 * old one only each time the wait has doubled, so that a wait of hours costs some twenty lines.
 */
export async function waitFor<T>(options: WaitOptions, look: () => Promise<T>): Promise<T> {
  const { what, log, signal, firstMs = 200, maxMs = 2000 } = options;
  const start = Date.now();
  let delay = firstMs;
  let nextLine = 10_000;
  let lastReason: string | undefined;
  for (;;) {
    try {
      const found = await look();
      if (lastReason !== undefined) log("info", `${what}: there`, { waitedMs: Date.now() - start });
      return found;
    } catch (error) {
      const reason = describeError(error);
      const waitedMs = Date.now() - start;
      if (signal.aborted) throw new Error(`${what}: not there after ${waitedMs} ms`, { cause: error });
      if (reason !== lastReason || waitedMs >= nextLine) {
        log(error instanceof NotYet ? "info" : "warn", `${what}: waiting`, { reason, waitedMs });
        while (nextLine <= waitedMs) nextLine *= 2;
      }
      lastReason = reason;
    }
    await pause(delay, signal);
    delay = Math.min(maxMs, delay * 2);
  }
}
