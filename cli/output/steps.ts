import { messageOf } from "../errors.ts";
import { type Part, type PartKind, type Timeline, timelineOf } from "./timeline.ts";

export interface Step {
  readonly id: string;
  /** What a person reads, in the infinitive: `apply sandbox-base-us-east-1`. */
  readonly title: string;
  /** Ids of steps that must be done before; all others run beside it. */
  readonly after: readonly string[];
  readonly run: (report: StepReport) => Promise<void>;
  /** Kind of the whole step's time, where it does not report parts itself. */
  readonly kind?: PartKind;
  /** When another step fails, this one is not waited for. */
  readonly abandon?: boolean;
}

export interface StepReport {
  /** How far the step is. */
  say(text: string): void;
  /** Some of the step's time belongs to a kind. */
  part(kind: PartKind, ms: number): void;
  /** Aborted when another step failed. */
  readonly signal: AbortSignal;
}

export type StepEvent =
  | { readonly event: "start"; readonly step: Step }
  | { readonly event: "progress"; readonly step: Step; readonly text: string }
  | { readonly event: "done"; readonly step: Step; readonly ms: number }
  | { readonly event: "failed"; readonly step: Step; readonly ms: number; readonly text: string }
  | { readonly event: "skipped"; readonly step: Step; readonly text: string };

export interface StepRenderer {
  begin(steps: readonly Step[]): void;
  show(event: StepEvent): void;
  end(): Promise<void>;
}

/**
 * Runs each step as soon as those before it are done. Throws the first error when nothing runs any more.
 *
 * @param earlier ids of steps that were done before, in another call. Default: none.
 */
export async function runSteps(steps: readonly Step[], renderer: StepRenderer, earlier: readonly string[] = []): Promise<Timeline> {
  const abort = new AbortController();
  const done = new Map<string, Promise<boolean>>(earlier.map((id) => [id, Promise.resolve(true)]));
  const entries: { step: Step; startMs: number; endMs: number; parts: readonly Part[] }[] = [];
  let failure: { error: unknown } | undefined;
  const failed = new Promise<void>((resolve) => abort.signal.addEventListener("abort", () => resolve()));

  const runStep = async (step: Step): Promise<boolean> => {
    const before = await Promise.all(step.after.map((id) => done.get(id)));
    if (!before.every(Boolean) || failure !== undefined) {
      renderer.show({ event: "skipped", step, text: "a step before it failed" });
      return false;
    }
    const startMs = performance.now();
    const parts: Part[] = [];
    renderer.show({ event: "start", step });
    try {
      await step.run({
        say: (text) => renderer.show({ event: "progress", step, text }),
        part: (kind, ms) => parts.push({ kind, ms }),
        signal: abort.signal,
      });
      const endMs = performance.now();
      if (step.kind !== undefined && parts.length === 0) parts.push({ kind: step.kind, ms: endMs - startMs });
      entries.push({ step, startMs, endMs, parts });
      renderer.show({ event: "done", step, ms: endMs - startMs });
      return true;
    } catch (error) {
      const aborted = failure !== undefined;
      failure ??= { error };
      renderer.show(
        aborted && abort.signal.aborted && error === abort.signal.reason
          ? { event: "skipped", step, text: "stopped" }
          : { event: "failed", step, ms: performance.now() - startMs, text: messageOf(error) },
      );
      abort.abort();
      return false;
    }
  };

  refuseUnknown(steps, earlier);
  renderer.begin(steps);
  // Each step waits for promises of steps before it in the list, so they must be there when it is made.
  for (const step of steps)
    done.set(
      step.id,
      Promise.resolve().then(() => runStep(step)),
    );
  const all = Promise.all(steps.map(({ id }) => done.get(id)));
  const patient = Promise.all(steps.filter(({ abandon }) => abandon !== true).map(({ id }) => done.get(id)));
  await Promise.race([all, failed.then(() => patient)]);
  await renderer.end();
  if (failure !== undefined) throw failure.error;
  return timelineOf(entries);
}

function refuseUnknown(steps: readonly Step[], earlier: readonly string[]): void {
  const known = new Set([...earlier, ...steps.map(({ id }) => id)]);
  for (const { id, after } of steps) {
    const unknown = after.find((other) => !known.has(other));
    if (unknown !== undefined) throw new Error(`step ${id}: after ${unknown}, which is no step`);
  }
}
