import type { ConsulClient } from "../consul/client.ts";
import type { Log } from "../log.ts";
import { childSignal } from "../loops/child-signal.ts";
import { pause } from "../loops/pause.ts";

export interface LeadershipInput {
  readonly consul: ConsulClient;
  readonly key: string;
  /** Written into the lock, for people: this node's name. */
  readonly name: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Life of the session without renewal, in seconds. Default 10, the least Consul takes; it may take twice as long. */
  readonly ttlSeconds?: number;
}

/**
 * Waits for the lock, then runs `lead` until the lock is lost, `lead` ends or the signal aborts; one round. The
 * signal that `lead` is given aborts as soon as the lock may be another's: when the key says so, or when the session
 * could not be renewed for most of its life.
 */
export async function leadOnce(input: LeadershipInput, lead: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { consul, key, name, log, signal, ttlSeconds = 10 } = input;
  const session = await consul.createSession({ name: `edge-fleet leader on ${name}`, ttlSeconds });
  const held = childSignal(signal);
  const renewing = keepSession(input, session, ttlSeconds, held);
  try {
    if (!(await acquire(input, session, held.signal))) return;
    log("info", "leads");
    const watching = watchLock(input, session, held);
    try {
      await lead(held.signal);
    } finally {
      held.abort();
      await watching;
    }
    log("info", "leads no longer", { reason: held.signal.reason instanceof Error ? held.signal.reason.message : undefined });
  } finally {
    held.abort();
    await renewing;
    held.release();
    // Gives the lock free at once; without an answer it runs out.
    await consul.destroySession(session).catch(() => log("warn", "session not given back, it runs out", { key }));
  }
}

type Held = ReturnType<typeof childSignal>;

/** True once the lock is ours; false when it was given up before. */
async function acquire({ consul, key, name }: LeadershipInput, session: string, signal: AbortSignal): Promise<boolean> {
  let index = "0";
  while (!signal.aborted) {
    if (await consul.acquire(key, session, name)) return true;
    const watched = await consul.watch(key, { index, waitSeconds: 60, signal }).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (watched === undefined) return false;
    // An index that went back means another history of the data: start over.
    index = Number(watched.index) < Number(index) ? "0" : watched.index;
    // Free, and yet refused: Consul's delay after a lost holder.
    if (watched.entry?.session === undefined) await pause(250, signal);
  }
  return false;
}

async function keepSession({ consul }: LeadershipInput, session: string, ttlSeconds: number, held: Held): Promise<void> {
  const giveUpMs = ttlSeconds * 800;
  let renewedAt = performance.now();
  while (!held.signal.aborted) {
    await pause(Math.min(ttlSeconds * 300, Math.max(100, renewedAt + giveUpMs - performance.now())), held.signal);
    if (held.signal.aborted) return;
    const asked = performance.now();
    try {
      if (!(await consul.renewSession(session))) return held.abort(new Error("the session ended"));
      renewedAt = asked;
    } catch {
      // Retried until the session may have run out.
      if (performance.now() - renewedAt > giveUpMs) return held.abort(new Error("the session could not be renewed"));
    }
  }
}

async function watchLock({ consul, key }: LeadershipInput, session: string, held: Held): Promise<void> {
  let index = "0";
  while (!held.signal.aborted) {
    try {
      const watched = await consul.watch(key, { index, waitSeconds: 60, signal: held.signal });
      if (watched.entry?.session !== session) return held.abort(new Error("the lock is another's"));
      index = Number(watched.index) < Number(index) ? "0" : watched.index;
    } catch {
      // The session's renewal decides what an API without answer means.
      await pause(500, held.signal);
    }
  }
}
