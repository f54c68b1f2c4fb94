import type { Environment } from "../../config/schema.ts";
import type { ServerHealth, StatusDocument } from "../../constructs/core/app.ts";
import { freshMs } from "./read.ts";

/** What keeps a region from being healthy, in words; empty when it is. `now`: milliseconds of the epoch. */
export function regionProblems(environment: Environment, status: StatusDocument | undefined, now: number): string[] {
  if (status === undefined) return ["no status yet: no server has written one"];
  const age = now - Date.parse(status.writtenAt);
  return [
    ...(age > freshMs ? [`status is ${Math.round(age / 1000)} s old, expected ${freshMs / 1000} s at most: no leader writes it`] : []),
    ...quorumProblems("Nomad", status.servers.expected, status.servers.nomad),
    ...quorumProblems("Consul", status.servers.expected, status.servers.consul),
    ...poolProblems(environment, status),
    ...appProblems(status),
  ];
}

/** Machines and quorum only: what must be there before an app can answer. */
export function clusterProblems(environment: Environment, status: StatusDocument | undefined, now: number): string[] {
  if (status === undefined) return ["no status yet: no server has written one"];
  return regionProblems(environment, { ...status, apps: {} }, now);
}

function quorumProblems(what: string, expected: number, servers: readonly ServerHealth[]): string[] {
  const good = servers.filter(({ healthy, voter }) => healthy && voter).length;
  const leaders = servers.filter(({ leader }) => leader).length;
  return [
    ...(good < expected ? [`${what} has ${good} of ${expected} healthy voters`] : []),
    ...(leaders === 1 ? [] : [`${what} has ${leaders} leaders`]),
  ];
}

function poolProblems({ platform }: Environment, status: StatusDocument): string[] {
  return Object.entries(platform.pools).flatMap(([pool, { size, domain }]) => {
    const nodes = status.pools[pool]?.nodes ?? [];
    const ready = nodes.filter((node) => node.ready).length;
    const hosts = nodes.filter((node) => node.appHost).length;
    return [
      ...(ready < size ? [`pool ${pool} has ${ready} of ${size} nodes ready`] : []),
      ...(domain !== undefined && hosts < size ? [`pool ${pool} has ${hosts} of ${size} app hosts`] : []),
    ];
  });
}

function appProblems({ apps }: StatusDocument): string[] {
  return Object.entries(apps).flatMap(([name, { component, nodes, problem }]) => {
    if (problem !== undefined) return [`app ${name}: ${problem}`];
    if (component === undefined) return []; // Declared and never released: nothing is wrong with that.
    return nodes.serving < nodes.of || nodes.of === 0 ? [`app ${name} is served by ${nodes.serving} of ${nodes.of} nodes`] : [];
  });
}
