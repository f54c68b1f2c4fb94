import type { AppliedIndex } from "../apps/follow-index.ts";
import { nodeReportKey } from "../cluster/policies.ts";
import type { ConsulClient } from "../consul/client.ts";
import type { NodeIdentity } from "../node-identity.ts";
import { isWorthReporting, mostFailedApps, type NodeReport } from "./node-report.ts";

export interface NodeReporterInput {
  readonly consul: ConsulClient;
  readonly pool: string;
  readonly identity: NodeIdentity;
  readonly engine: () => string | undefined;
  readonly applied: () => AppliedIndex | undefined;
  readonly isAppHostHealthy: () => Promise<boolean>;
  /** Time in milliseconds. Default: the clock. */
  readonly now?: () => number;
}

/** Tells the leader how this node is, when it changed and every half minute. */
export class NodeReporter {
  readonly #input: NodeReporterInput;
  #last: NodeReport | undefined;

  constructor(input: NodeReporterInput) {
    this.#input = input;
  }

  async round(): Promise<void> {
    const { consul, pool, identity, engine, applied, isAppHostHealthy, now = Date.now } = this.#input;
    const index = applied();
    const report: NodeReport = {
      address: identity.address,
      engine: engine(),
      index: index?.etag,
      failed: index?.failed.slice(0, mostFailedApps) ?? [],
      appHost: await isAppHostHealthy(),
      reportedAt: now(),
    };
    if (!isWorthReporting(report, this.#last)) return;
    await consul.put(nodeReportKey(pool, identity.name), JSON.stringify(report));
    this.#last = report;
  }
}
