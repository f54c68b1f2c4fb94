import { expect, test } from "vitest";
import { regionLines } from "../../cli/commands/status.ts";
import { findEnvironment } from "../../cli/environments.ts";
import { clusterProblems, regionProblems } from "../../cli/status/health.ts";
import type { ServerHealth, StatusDocument } from "../../constructs/core/app.ts";

const environment = findEnvironment("sandbox");
const writtenAt = "2026-11-20T10:00:00.000Z";
const now = Date.parse(writtenAt) + 4_000;
const server = (index: number): ServerHealth => ({
  name: `server-${index}`,
  address: `10.30.0.${index}`,
  voter: true,
  leader: index === 1,
  healthy: true,
});
const servers = [1, 2, 3].map(server);
const status: StatusDocument = {
  writtenAt,
  leader: "i-1",
  servers: { expected: 3, nomad: servers, consul: servers },
  pools: { web: { nodes: [{ name: "i-4", address: "10.30.0.4", ready: true, appHost: true }] } },
  apps: { hello: { pool: "web", routes: ["hello.apps.localhost"], component: "a".repeat(64), nodes: { serving: 1, of: 1 } } },
};
const lost = servers.map((one) => (one.leader ? { ...one, healthy: false, leader: false } : one));

test("a region is healthy when every part of it is", () => {
  expect(regionProblems(environment, status, now)).toEqual([]);
});

test.each<[string, StatusDocument | undefined, number, string]>([
  ["no status", undefined, now, "no status yet: no server has written one"],
  ["an old status", status, now + 60_000, "status is 64 s old, expected 45 s at most: no leader writes it"],
  [
    "a lost voter",
    { ...status, servers: { ...status.servers, nomad: [...lost.slice(0, 1), { ...server(2), leader: true }, server(3)] } },
    now,
    "Nomad has 2 of 3 healthy voters",
  ],
  [
    "no leader",
    { ...status, servers: { ...status.servers, consul: servers.map((one) => ({ ...one, leader: false })) } },
    now,
    "Consul has 0 leaders",
  ],
  ["a missing node", { ...status, pools: { web: { nodes: [] } } }, now, "pool web has 0 of 1 nodes ready"],
  [
    "a dead app host",
    { ...status, pools: { web: { nodes: [{ name: "i-4", address: "10.30.0.4", ready: true, appHost: false }] } } },
    now,
    "pool web has 0 of 1 app hosts",
  ],
  [
    "an app that not all nodes serve",
    { ...status, apps: { hello: { pool: "web", routes: [], component: "a", nodes: { serving: 1, of: 2 } } } },
    now,
    "app hello is served by 1 of 2 nodes",
  ],
  [
    "a component that does not compile",
    { ...status, apps: { hello: { pool: "web", routes: [], component: "a", nodes: { serving: 1, of: 1 }, problem: "out of memory" } } },
    now,
    "app hello: out of memory",
  ],
])("%s is told", (_, document, at, problem) => {
  expect(regionProblems(environment, document, at)[0]).toBe(problem);
});

test("machines and quorum do not wait for apps", () => {
  const unserved = { ...status, apps: { hello: { pool: "web", routes: [], component: "a", nodes: { serving: 0, of: 1 } } } };
  expect(clusterProblems(environment, unserved, now)).toEqual([]);
  expect(regionProblems(environment, unserved, now)).toHaveLength(1);
});

test("an app that was never released is no problem", () => {
  expect(
    regionProblems(environment, { ...status, apps: { hello: { pool: "web", routes: [], nodes: { serving: 0, of: 1 } } } }, now),
  ).toEqual([]);
});

test("a region for people", () => {
  expect(regionLines("us-east-1", status, [], now)).toEqual([
    "us-east-1: healthy, as i-1 saw it 4 s ago",
    "  nomad servers, 3 expected",
    "    server-1  10.30.0.1  healthy, voter, leader",
    "    server-2  10.30.0.2  healthy, voter",
    "    server-3  10.30.0.3  healthy, voter",
    "  consul servers, 3 expected",
    "    server-1  10.30.0.1  healthy, voter, leader",
    "    server-2  10.30.0.2  healthy, voter",
    "    server-3  10.30.0.3  healthy, voter",
    "  pool web, 1 node",
    "    i-4  10.30.0.4  ready, app host answers",
    "  app hello in web, aaaaaaaaaaaa on 1 of 1 nodes",
    "    hello.apps.localhost",
  ]);
  expect(regionLines("us-east-1", undefined, ["no status yet"], now)).toEqual(["us-east-1: NOT HEALTHY", "  ! no status yet"]);
});
