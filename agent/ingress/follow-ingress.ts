import type { LocalApi } from "../http/local-api.ts";
import type { Log } from "../log.ts";
import { pause } from "../loops/pause.ts";
import { supervise } from "../loops/supervise.ts";
import { nomadClient } from "../nomad/client.ts";
import { followNodeEvents } from "../nomad/node-events.ts";
import { Ingress } from "./ingress.ts";

export interface FollowIngressInput {
  /** Nomad's API, with a token that reads nodes. */
  readonly api: LocalApi;
  readonly pools: readonly { readonly name: string; readonly domain: string }[];
  readonly file: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Events come in bursts (a node that registers makes several): list once for all of them. In milliseconds. */
const gatherMs = 100;
/** The list is asked for at least that often, in milliseconds, should an event be lost. */
const relistMs = 30_000;

/** Follows Nomad's events and the app hosts' health, and keeps Traefik's document by them. */
export async function followIngress({ api, pools, file, log, signal }: FollowIngressInput): Promise<void> {
  const ingress = new Ingress({ nomad: nomadClient(api), pools, file, log });
  let isStale = true;
  let wake = new AbortController();
  const markStale = (): void => {
    isStale = true;
    wake.abort();
  };
  signal.addEventListener("abort", () => wake.abort(), { once: true });

  await Promise.all([
    supervise({ name: "node events", everyMs: 500, maxBackoffMs: 5_000, signal, log }, () =>
      followNodeEvents(api, signal, { opened: markStale, changed: markStale }),
    ),
    supervise({ name: "nodes", everyMs: 0, maxBackoffMs: 5_000, signal, log }, async () => {
      if (!isStale) await pause(relistMs, wake.signal);
      await pause(gatherMs, signal);
      isStale = false;
      wake = new AbortController();
      if (signal.aborted) return;
      try {
        await ingress.listNodes();
      } catch (error) {
        isStale = true;
        throw error;
      }
    }),
    supervise({ name: "app hosts' health", everyMs: 1_000, signal, log }, () => ingress.probeAll()),
  ]);
}
