import { setTimeout as delay } from "node:timers/promises";

export interface WaitOptions {
  /** What is awaited, for the message: "the emulator's API". */
  readonly what: string;
  /** Milliseconds in all. */
  readonly timeoutMs: number;
  /** Milliseconds between two looks. Default: 50. */
  readonly everyMs?: number;
  /** Where a reader finds out more; ends the message. */
  readonly hint?: string;
}

/** Looks until the condition gives something other than undefined or false. Fails when the time is over. */
export async function waitFor<T>(
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions,
): Promise<T> {
  const end = Date.now() + options.timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() >= end) {
      const hint = options.hint === undefined ? "" : `. ${options.hint}`;
      throw new Error(`${options.what}: not there, got nothing for ${options.timeoutMs} ms; expected it by then${hint}`);
    }
    await delay(options.everyMs ?? 50);
  }
}
