import { artefactKeys } from "../../constructs/core/artefacts.ts";
import type { ObjectStore } from "../aws/s3.ts";
import type { Log } from "../log.ts";
import type { DispatchedJob, NomadClient } from "../nomad/client.ts";
import { type CompileRequest, compileJobId, compileTask } from "./compile-job.ts";
import { planCompiles } from "./compile-plan.ts";
import { failureReason } from "./failure-reason.ts";

/** Life of the signed URLs of one compile, in seconds: waiting for a node and a compile of minutes fit in. */
const urlSeconds = 900;

export interface CompilesInput {
  readonly store: ObjectStore;
  readonly nomad: NomadClient;
  readonly log: Log;
}

/** Starts compiles and knows why they failed. */
export class Compiles {
  readonly #store: ObjectStore;
  readonly #nomad: NomadClient;
  readonly #log: Log;
  readonly #reasons = new Map<string, string>();

  constructor({ store, nomad, log }: CompilesInput) {
    this.#store = store;
    this.#nomad = nomad;
    this.#log = log;
  }

  /** Starts what should run now, and returns the problems of the others, by component. */
  async start(input: {
    readonly now: number;
    readonly engine: string;
    readonly missing: readonly string[];
    readonly uploaded: ReadonlySet<string>;
  }): Promise<ReadonlyMap<string, string>> {
    if (input.missing.length === 0) return new Map();
    const runs = await this.#nomad.dispatched(compileJobId);
    await this.#readReasons(runs, new Set(input.missing));
    const plan = planCompiles({ ...input, runs, reasons: this.#reasons });
    for (const { component, idempotencyToken } of plan.dispatches) {
      const key = artefactKeys.compiled(component, input.engine);
      const request: CompileRequest = {
        from: await this.#store.presignRead(artefactKeys.component(component), urlSeconds),
        sha256: component,
        to: await this.#store.presignWrite(key, urlSeconds),
      };
      const run = await this.#nomad.dispatch(compileJobId, {
        meta: { component, engine: input.engine },
        payload: JSON.stringify(request),
        idempotencyToken,
      });
      this.#log("info", "compile started", { component, engine: input.engine, run });
    }
    return plan.problems;
  }

  async #readReasons(runs: readonly DispatchedJob[], missing: ReadonlySet<string>): Promise<void> {
    const known = new Set(runs.map(({ id }) => id));
    for (const id of this.#reasons.keys()) if (!known.has(id)) this.#reasons.delete(id);
    for (const { id, status, meta } of runs) {
      if (status !== "dead" || this.#reasons.has(id) || meta.component === undefined || !missing.has(meta.component)) continue;
      const allocation = (await this.#nomad.allocations(id)).at(-1);
      // Nomad tells "dead" before the client's last report: the reason comes with it.
      if (allocation === undefined || allocation.clientStatus === "pending" || allocation.clientStatus === "running") continue;
      const stderr = await this.#nomad.stderrTail(allocation.id, compileTask, 4_096);
      const reason = failureReason(stderr, allocation.events);
      this.#reasons.set(id, reason);
      this.#log("warn", "compile failed", { component: meta.component, run: id, reason });
    }
  }
}
