import { messageOf, UserError } from "./errors.ts";

/** Resolves after `ms` milliseconds; only ever between two looks at a condition. */
export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

export interface Wait<T> {
  /** What is waited for, for the error: `status of us-east-1`. */
  readonly what: string;
  /** Looks once: the value when the condition holds, else words about how far it is. A throw counts as words, too. */
  readonly look: () => Promise<{ readonly value: T } | { readonly still: string }>;
  readonly deadlineMs: number;
  /** Default 500. */
  readonly intervalMs?: number;
  /** What to do when the deadline passes. */
  readonly todo: string;
  readonly onStill?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Waits for a condition until the deadline; the error tells what was seen last. */
export async function waitFor<T>(wait: Wait<T>): Promise<T> {
  const end = performance.now() + wait.deadlineMs;
  for (;;) {
    wait.signal?.throwIfAborted();
    let still: string;
    try {
      const seen = await wait.look();
      if ("value" in seen) return seen.value;
      still = seen.still;
    } catch (error) {
      if (error instanceof UserError) throw error;
      still = messageOf(error);
    }
    if (performance.now() >= end) {
      throw new UserError(`${wait.what}: not there after ${Math.round(wait.deadlineMs / 1000)} s, got ${still}`, wait.todo);
    }
    wait.onStill?.(still);
    await pause(wait.intervalMs ?? 500);
  }
}
