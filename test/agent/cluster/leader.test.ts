import { describe, expect, test } from "vitest";
import { type LeadershipInput, leadOnce } from "../../../agent/cluster/leader.ts";
import type { ConsulClient, Watched } from "../../../agent/consul/client.ts";
import { pause } from "../../../agent/loops/pause.ts";

/** One lock, as Consul keeps it: sessions that may end, a holder, and watchers that are told of every change. */
class FakeLock {
  readonly sessions = new Set<string>();
  holder: string | undefined;
  isReachable = true;
  #index = 1;
  #made = 0;
  #changed = new AbortController();

  end(session: string): void {
    this.sessions.delete(session);
    if (this.holder === session) this.holder = undefined;
    this.#change();
  }

  #change(): void {
    this.#index += 1;
    const told = this.#changed;
    this.#changed = new AbortController();
    told.abort();
  }

  get client(): Pick<ConsulClient, "createSession" | "renewSession" | "destroySession" | "acquire" | "watch"> {
    const reach = (): void => {
      if (!this.isReachable) throw new Error("no answer");
    };
    return {
      createSession: async () => {
        reach();
        const id = `session-${++this.#made}`;
        this.sessions.add(id);
        return id;
      },
      renewSession: async (id) => {
        reach();
        return this.sessions.has(id);
      },
      destroySession: async (id) => {
        reach();
        this.end(id);
      },
      acquire: async (_key, session) => {
        reach();
        if (this.holder !== undefined && this.holder !== session) return false;
        this.holder = session;
        this.#change();
        return true;
      },
      watch: async (_key, { index, signal }): Promise<Watched> => {
        reach();
        if (index === String(this.#index)) await Promise.race([pause(60_000, signal), pause(60_000, this.#changed.signal)]);
        reach();
        return { index: String(this.#index), entry: { key: "k", value: "", session: this.holder } };
      },
    };
  }
}

const input = (lock: FakeLock, name: string, signal: AbortSignal): LeadershipInput => ({
  consul: lock.client as ConsulClient,
  key: "k",
  name,
  log: () => undefined,
  signal,
  ttlSeconds: 0.05,
});

/** A leader that leads until its signal aborts, and tells when it starts. */
function leading(lock: FakeLock, name: string, signal: AbortSignal) {
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let reason: unknown;
  const end = leadOnce(input(lock, name, signal), async (held) => {
    begin();
    await pause(60_000, held);
    reason = held.reason;
  });
  return { begun, end, reason: () => (reason instanceof Error ? reason.message : reason) };
}

describe("leader's lock", () => {
  test("one leads; when it ends it gives the lock back and the next one leads", async () => {
    const lock = new FakeLock();
    const [stopA, stopB] = [new AbortController(), new AbortController()];
    const a = leading(lock, "a", stopA.signal);
    await a.begun;
    const b = leading(lock, "b", stopB.signal);
    let hasB = false;
    void b.begun.then(() => {
      hasB = true;
    });
    await pause(30, new AbortController().signal);
    expect(hasB).toBe(false);
    stopA.abort();
    await a.end;
    await b.begun;
    stopB.abort();
    await b.end;
    expect(lock.sessions.size).toBe(0);
    expect(lock.holder).toBeUndefined();
  });
  test("a session that ended stops the leader", async () => {
    const lock = new FakeLock();
    const a = leading(lock, "a", new AbortController().signal);
    await a.begun;
    lock.end(lock.holder ?? "");
    await a.end;
    expect(["the lock is another's", "the session ended"]).toContain(a.reason());
  });
  test("a leader that cannot reach Consul stops before its session may have run out", async () => {
    const lock = new FakeLock();
    const a = leading(lock, "a", new AbortController().signal);
    await a.begun;
    const since = performance.now();
    lock.isReachable = false;
    await a.end;
    expect(a.reason()).toBe("the session could not be renewed");
    // 0.05 s of life; Consul lets a session live up to twice as long.
    expect(performance.now() - since).toBeLessThan(1_000);
  });
  test("who only waits for the lock ends with its signal, and leaves no session", async () => {
    const lock = new FakeLock();
    const stop = new AbortController();
    const a = leading(lock, "a", stop.signal);
    await a.begun;
    const stopWaiting = new AbortController();
    const b = leading(lock, "b", stopWaiting.signal);
    await pause(20, new AbortController().signal);
    stopWaiting.abort();
    await b.end;
    expect(lock.sessions.size).toBe(1);
    stop.abort();
    await a.end;
  });
});
