import type { DispatchedJob } from "../nomad/client.ts";

/** Times in milliseconds. */
export interface CompilePlanInput {
  readonly now: number;
  readonly engine: string;
  /** Components that are wanted and not compiled. */
  readonly missing: readonly string[];
  /** Those of them that are in the bucket at all. */
  readonly uploaded: ReadonlySet<string>;
  readonly runs: readonly DispatchedJob[];
  /** Why a run that ended brought nothing, by run. */
  readonly reasons: ReadonlyMap<string, string>;
}

export interface CompileDispatch {
  readonly component: string;
  /** Same for every leader that decides on the same state: Nomad then starts one run only. */
  readonly idempotencyToken: string;
}

export interface CompilePlan {
  readonly dispatches: readonly CompileDispatch[];
  readonly problems: ReadonlyMap<string, string>;
}

/** First wait after a failed compile; doubles with each, up to `longestRetryMs`. */
export const firstRetryMs = 5_000;
export const longestRetryMs = 600_000;
/** A run that nobody takes up for so long is reported. */
const pendingIsLateMs = 30_000;

/** What to start now. All state is in Nomad's list of runs, so a new leader goes on where the old one stopped. */
export function planCompiles({ now, engine, missing, uploaded, runs, reasons }: CompilePlanInput): CompilePlan {
  const dispatches: CompileDispatch[] = [];
  const problems = new Map<string, string>();
  for (const component of missing) {
    const short = component.slice(0, 12);
    if (!uploaded.has(component)) {
      problems.set(
        component,
        `component ${short} is not in the bucket. Release it again with \`fleet app release\`, which uploads it first`,
      );
      continue;
    }
    const own = runs
      .filter(({ meta }) => meta.component === component && meta.engine === engine)
      .sort((a, b) => b.submittedAt - a.submittedAt);
    const newest = own[0];
    const ended = own.filter(({ status }) => status === "dead").length;
    if (newest !== undefined && newest.status !== "dead") {
      if (newest.status === "pending" && now - newest.submittedAt > pendingIsLateMs) {
        problems.set(component, `compile of ${short} waits for a node with enough free memory`);
      } else if (ended > 0) problems.set(component, failureText(short, ended, own, reasons));
      continue;
    }
    if (newest !== undefined) problems.set(component, failureText(short, ended, own, reasons));
    if (newest === undefined || now - newest.submittedAt >= retryMs(ended)) {
      dispatches.push({ component, idempotencyToken: `${component}-${engine}-${ended}` });
    }
  }
  return { dispatches, problems };
}

/** Wait from the start of the newest run to the next, after `ended` runs without result. */
export function retryMs(ended: number): number {
  return ended === 0 ? 0 : Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(ended - 1, 16));
}

function failureText(short: string, ended: number, runs: readonly DispatchedJob[], reasons: ReadonlyMap<string, string>): string {
  const lastEnded = runs.find(({ status }) => status === "dead");
  const reason = (lastEnded === undefined ? undefined : reasons.get(lastEnded.id)) ?? "its job ended without a compiled component";
  return `compile of ${short} failed ${ended === 1 ? "once" : `${ended} times`}: ${reason}`;
}
