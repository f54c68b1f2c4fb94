import { nomadRegion } from "../../constructs/bootstrap/layout.ts";
import type { AppIndex, AppStatus, NodeStatus, ServerHealth, StatusDocument } from "../../constructs/core/app.ts";
import type { AppDocuments } from "../apps/app-index.ts";
import type { ClusterSettings } from "../cluster-settings.ts";
import type { AutopilotServer } from "../http/server-health.ts";
import type { NomadNode } from "../nomad/client.ts";
import { type PoolNodeReport, reportLifeMs } from "./node-report.ts";

const nomadSuffix = `.${nomadRegion}`;

export interface StatusInput {
  readonly now: Date;
  /** Node name of the leading agent. */
  readonly leader: string;
  readonly settings: Pick<ClusterSettings, "serverCount" | "pools">;
  readonly nomadServers: readonly AutopilotServer[];
  readonly consulServers: readonly AutopilotServer[];
  readonly nodes: readonly NomadNode[];
  readonly reports: readonly PoolNodeReport[];
  readonly apps: ReadonlyMap<string, AppDocuments>;
  readonly index: AppIndex | undefined;
  readonly indexEtag: string | undefined;
  /** Earlier indexes by ETag: what a node serves that is a step behind. */
  readonly history: ReadonlyMap<string, AppIndex>;
}

/** The region's health as one document. Pure. */
export function statusDocument(input: StatusInput): StatusDocument {
  const reports = freshReports(input);
  const poolNames = [...new Set([...Object.keys(input.settings.pools), ...input.nodes.map(({ pool }) => pool)])].sort();
  const pools = Object.fromEntries(poolNames.map((pool) => [pool, { nodes: nodesOf(pool, input, reports) }]));
  return {
    writtenAt: input.now.toISOString(),
    leader: input.leader,
    servers: {
      expected: input.settings.serverCount,
      nomad: input.nomadServers.map(serverHealth).sort(byName),
      consul: input.consulServers.map(serverHealth).sort(byName),
    },
    pools,
    apps: Object.fromEntries(
      Object.keys(input.index?.apps ?? {})
        .sort()
        .map((name) => [name, appStatus(name, input, reports)]),
    ),
  };
}

/** Reports of nodes that Nomad has in the same pool, not too old, by node. */
function freshReports({ now, nodes, reports }: StatusInput): ReadonlyMap<string, PoolNodeReport> {
  const pools = new Map(nodes.map(({ name, pool }) => [name, pool]));
  return new Map(
    reports
      .filter(({ node, pool, reportedAt }) => pools.get(node) === pool && now.getTime() - reportedAt <= reportLifeMs)
      .map((report) => [report.node, report]),
  );
}

function nodesOf(pool: string, { nodes }: StatusInput, reports: ReadonlyMap<string, PoolNodeReport>): NodeStatus[] {
  return nodes
    .filter((node) => node.pool === pool)
    .map((node) => {
      const report = reports.get(node.name);
      const index = report?.index;
      return {
        name: node.name,
        address: node.address,
        ready: node.ready,
        ...(index === undefined ? {} : { index }),
        appHost: node.ready && report?.appHost === true,
      };
    })
    .sort(byName);
}

function appStatus(name: string, input: StatusInput, reports: ReadonlyMap<string, PoolNodeReport>): AppStatus {
  const entry = input.index?.apps[name];
  const declaration = input.apps.get(name)?.declaration;
  const pool = entry?.pool ?? "";
  const component = entry?.component;
  const nodes = input.nodes.filter((node) => node.pool === pool);
  const serving = nodes.filter((node) => {
    const report = reports.get(node.name);
    if (!node.ready || report?.appHost !== true || component === undefined) return false;
    return servedComponent(name, report, input) === component;
  });
  return {
    pool,
    routes: declaration?.ok === true ? declaration.document.routes : [],
    ...(component === undefined ? {} : { component }),
    nodes: { serving: serving.length, of: nodes.length },
    ...(entry?.problem === undefined ? {} : { problem: entry.problem }),
  };
}

/** Component that a node serves for an app, by the index it has applied; undefined when this leader never saw that index. */
function servedComponent(name: string, report: PoolNodeReport, { index, indexEtag, history }: StatusInput): string | undefined {
  if (report.index === undefined || report.failed.includes(name)) return undefined;
  const applied = report.index === indexEtag ? index : history.get(report.index);
  return applied?.apps[name]?.serving?.component;
}

function serverHealth({ Name, Address, Voter, Leader, Healthy }: AutopilotServer): ServerHealth {
  return {
    // Nomad's servers are named `<node>.<region>`.
    name: Name.endsWith(nomadSuffix) ? Name.slice(0, -nomadSuffix.length) : Name,
    address: Address.replace(/:\d+$/, ""),
    voter: Voter,
    leader: Leader,
    healthy: Healthy,
  };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
