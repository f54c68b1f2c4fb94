import { releases } from "../config/locks/releases.ts";
import { buildAppHost } from "./agents/app-host.ts";
import { ensureProgram } from "./agents/programs.ts";
import { installEmulator } from "./emulator/install.ts";
import { ensureCloudLayer } from "./machines/tree.ts";
import { installMissing } from "./preflight.ts";

/** Milliseconds of each part; next to nothing for what the cache had. */
export type PrepareTimings = Readonly<Record<string, number>>;

const agents = ["node", "consul", "nomad", "traefik"] as const;

/** Fills the cache with all that the sandbox needs, in the order in which a deploy beside it asks for it. */
export async function fillCache({ onProgress }: { readonly onProgress: (line: string) => void }): Promise<PrepareTimings> {
  const timings: Record<string, number> = {};
  const timed = async (name: string, task: () => Promise<unknown>) => {
    const start = Date.now();
    await task();
    timings[name] = Date.now() - start;
  };
  await timed("packages", () => installMissing(onProgress));
  const fetched = [timed("emulator", () => installEmulator(onProgress)), timed("machine tree", () => ensureCloudLayer(onProgress))];
  // One compiler at a time: each takes all cores by itself, and memory as well.
  const built = (async () => {
    for (const agent of agents) await timed(`${agent} ${releases[agent].version}`, () => ensureProgram(agent, onProgress));
    await timed("app host", () => buildAppHost(onProgress));
  })();
  // All are awaited before a failure is told: none may go on writing behind the caller's back.
  const results = await Promise.allSettled([...fetched, built]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return timings;
}
