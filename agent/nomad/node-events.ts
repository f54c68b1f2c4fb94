import type { LocalApi } from "../http/local-api.ts";

/** Nomad sends an empty object that often at least, in milliseconds, when nothing happens: https://developer.hashicorp.com/nomad/api-docs/events */
const heartbeatMs = 10_000;

/**
 * Calls `changed` for each event about nodes, until the stream breaks (rejects) or the signal aborts (resolves).
 * `opened` is called once events can no longer be missed: list the nodes then.
 */
export async function followNodeEvents(
  api: LocalApi,
  signal: AbortSignal,
  { opened, changed }: { readonly opened: () => void; readonly changed: () => void },
): Promise<void> {
  const response = await api.stream({ path: "/v1/event/stream", query: { topic: "Node" }, signal });
  let alive = setTimeout(() => undefined, 0);
  const expectLife = () => {
    clearTimeout(alive);
    alive = setTimeout(() => response.destroy(new Error("nomad event stream: silent for too long")), heartbeatMs * 3);
  };
  try {
    expectLife();
    opened();
    for await (const chunk of response) {
      expectLife();
      // What happened does not matter: the list of nodes says what is. A sign of life is `{}`.
      if (/[^{}\s]/.test((chunk as Buffer).toString("latin1"))) changed();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearTimeout(alive);
    response.destroy();
  }
  if (!signal.aborted) throw new Error("nomad event stream: ended by the server");
}
