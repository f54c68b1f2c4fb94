import { describe, expect, test } from "vitest";
import type { NomadNode } from "../../../agent/nomad/client.ts";
import { isWorthReporting, type NodeReport, type PoolNodeReport, parseReports, reportLifeMs } from "../../../agent/status/node-report.ts";
import { type StatusInput, statusDocument } from "../../../agent/status/status-document.ts";
import type { AppIndex } from "../../../constructs/core/app.ts";
import { documentsOf, sha } from "../support/documents.ts";

const now = new Date("2026-01-01T00:00:00Z");
const component = sha("hello");
const index: AppIndex = {
  engine: "w",
  apps: { hello: { pool: "web", declaration: "d", component, serving: { component, compiledEtag: "e" } } },
};
const node = (name: string, change: Partial<NomadNode> = {}): NomadNode => ({
  id: name,
  name,
  address: `10.0.0.${name.length}`,
  pool: "web",
  status: "ready",
  ready: true,
  memoryMb: 1_000,
  ...change,
});
const report = (name: string, change: Partial<PoolNodeReport> = {}): PoolNodeReport => ({
  pool: "web",
  node: name,
  address: "10.0.0.1",
  engine: "w",
  index: "i2",
  failed: [],
  appHost: true,
  reportedAt: now.getTime(),
  ...change,
});
const base: StatusInput = {
  now,
  leader: "i-1",
  settings: { serverCount: 3, pools: { web: { arch: "amd64", ingress: true, domain: "x" }, spare: { arch: "amd64", ingress: false } } },
  nomadServers: [{ Name: "i-1.global", Address: "10.0.0.9:4647", SerfStatus: "alive", Leader: true, Voter: true, Healthy: true }],
  consulServers: [{ Name: "i-1", Address: "10.0.0.9:8300", SerfStatus: "alive", Leader: false, Voter: true, Healthy: false }],
  nodes: [node("a")],
  reports: [report("a")],
  apps: new Map([["hello", documentsOf("hello", component)]]),
  index,
  indexEtag: "i2",
  history: new Map(),
};

describe("status", () => {
  test("names servers, pools and apps", () => {
    expect(statusDocument(base)).toEqual({
      writtenAt: "2026-01-01T00:00:00.000Z",
      leader: "i-1",
      servers: {
        expected: 3,
        nomad: [{ name: "i-1", address: "10.0.0.9", voter: true, leader: true, healthy: true }],
        consul: [{ name: "i-1", address: "10.0.0.9", voter: true, leader: false, healthy: false }],
      },
      pools: { spare: { nodes: [] }, web: { nodes: [{ name: "a", address: "10.0.0.1", ready: true, index: "i2", appHost: true }] } },
      apps: { hello: { pool: "web", routes: ["hello.apps.localhost"], component, nodes: { serving: 1, of: 1 } } },
    });
  });

  const serving = (change: Partial<StatusInput>) => statusDocument({ ...base, ...change }).apps.hello?.nodes;
  test.each<[string, Partial<StatusInput>]>([
    ["its index is unknown", { reports: [report("a", { index: "i1" })] }],
    ["it has none", { reports: [report("a", { index: undefined })] }],
    ["it could not apply the app", { reports: [report("a", { failed: ["hello"] })] }],
    ["its app host is not well", { reports: [report("a", { appHost: false })] }],
    ["it is not ready", { nodes: [node("a", { ready: false })] }],
    ["its report is old", { reports: [report("a", { reportedAt: now.getTime() - reportLifeMs - 1 })] }],
    ["another pool's machine reports in its name", { reports: [report("a", { pool: "spare" })] }],
  ])("a node does not count as serving when %s", (_why, change) => {
    expect(serving(change)).toEqual({ serving: 0, of: 1 });
  });
  test("a node that is an index behind, with the same component, does serve", () => {
    expect(serving({ reports: [report("a", { index: "i1" })], history: new Map([["i1", index]]) })).toEqual({ serving: 1, of: 1 });
  });
  test("an index behind with another component does not", () => {
    const old = { ...index, apps: { hello: { pool: "web", declaration: "d", serving: { component: sha("old"), compiledEtag: "e" } } } };
    expect(serving({ reports: [report("a", { index: "i1" })], history: new Map([["i1", old]]) })).toEqual({ serving: 0, of: 1 });
  });
});

describe("reports", () => {
  test("come from their key, whatever the text says of itself", () => {
    const text = JSON.stringify({ ...report("liar", { pool: "spare" }) });
    const parsed = parseReports([
      { key: "edge-fleet/nodes/web/i-1", value: text, session: undefined },
      { key: "edge-fleet/nodes/web/", value: text, session: undefined },
      { key: "edge-fleet/nodes/web/i-2/x", value: text, session: undefined },
      { key: "edge-fleet/nodes/web/i-3", value: "no json", session: undefined },
    ]);
    expect(parsed).toEqual([report("i-1")]);
  });
  test("are worth writing when something changed, and every half minute", () => {
    const { pool: _pool, node: _node, ...first }: PoolNodeReport = report("a");
    const last: NodeReport = first;
    expect(isWorthReporting(last, undefined)).toBe(true);
    expect(isWorthReporting({ ...last, reportedAt: last.reportedAt + 29_999 }, last)).toBe(false);
    expect(isWorthReporting({ ...last, reportedAt: last.reportedAt + 30_000 }, last)).toBe(true);
    expect(isWorthReporting({ ...last, appHost: false }, last)).toBe(true);
    expect(isWorthReporting({ ...last, index: "i3" }, last)).toBe(true);
  });
});
