import { z } from "zod";
import { nodeReportsPrefix } from "../cluster/policies.ts";
import type { KeyValue } from "../consul/client.ts";

/** What a node says of itself: Consul key `edge-fleet/nodes/<pool>/<node>`. */
export interface NodeReport {
  readonly address: string;
  /** Engine of its app host; absent where no apps run. */
  readonly engine?: string | undefined;
  /** ETag of the index it has applied; absent while it has none. */
  readonly index?: string | undefined;
  /** Apps of that index that it could not apply, at most `mostFailedApps`. */
  readonly failed: readonly string[];
  /** The app host answers its health check. */
  readonly appHost: boolean;
  /** Milliseconds since 1970. */
  readonly reportedAt: number;
}

/** Keeps a report well below Consul's 512 KiB for a value. */
export const mostFailedApps = 500;
/** A report is repeated that often, in milliseconds, even if nothing changed. */
export const reportEveryMs = 30_000;
/** An older report says nothing any more: two may be late. In milliseconds. */
export const reportLifeMs = 90_000;

const reportSchema: z.ZodType<NodeReport> = z.object({
  address: z.string(),
  engine: z.string().optional(),
  index: z.string().optional(),
  failed: z.array(z.string()),
  appHost: z.boolean(),
  reportedAt: z.number(),
});

export interface PoolNodeReport extends NodeReport {
  readonly pool: string;
  readonly node: string;
}

/** Reports as they lie in Consul. The pool is the key's, which the pool's token cannot choose. */
export function parseReports(entries: readonly KeyValue[]): PoolNodeReport[] {
  return entries.flatMap(({ key, value }) => {
    const [pool, node, ...rest] = key.slice(nodeReportsPrefix.length).split("/");
    if (pool === undefined || node === undefined || node === "" || rest.length > 0) return [];
    const report = parseReport(value);
    return report === undefined ? [] : [{ ...report, pool, node }];
  });
}

function parseReport(text: string): NodeReport | undefined {
  try {
    return reportSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether a report must be written, given the one written last. */
export function isWorthReporting(report: NodeReport, last: NodeReport | undefined): boolean {
  if (last === undefined || report.reportedAt - last.reportedAt >= reportEveryMs) return true;
  return JSON.stringify({ ...report, reportedAt: 0 }) !== JSON.stringify({ ...last, reportedAt: 0 });
}
