import type { StatusDocument } from "../../constructs/core/app.ts";
import { type Context, clientsOf } from "../context.ts";
import { artefactBucket, regionsOf } from "../environments.ts";
import { regionProblems } from "../status/health.ts";
import { readStatus } from "../status/read.ts";

/** `fleet status`: what the leader of each region last wrote. Exit code 1 when a region is not healthy. */
export async function statusCommand(context: Context): Promise<number> {
  const { environment, output } = context;
  const now = Date.now();
  const regions: Record<string, unknown> = {};
  let healthy = true;
  for (const region of regionsOf(environment)) {
    const status = await readStatus(clientsOf(context, region).s3, artefactBucket(environment, region));
    const problems = regionProblems(environment, status, now);
    healthy &&= problems.length === 0;
    regions[region] = {
      healthy: problems.length === 0,
      problems,
      ageSeconds: status && (now - Date.parse(status.writtenAt)) / 1000,
      status,
    };
    for (const line of regionLines(region, status, problems, now)) output.print(line);
  }
  output.result({ environment: environment.name, healthy, regions });
  return healthy ? 0 : 1;
}

/** One region for people. */
export function regionLines(region: string, status: StatusDocument | undefined, problems: readonly string[], now: number): string[] {
  const verdict = problems.length === 0 ? "healthy" : "NOT HEALTHY";
  if (status === undefined) return [`${region}: ${verdict}`, ...problems.map((problem) => `  ! ${problem}`)];
  const { servers, pools, apps } = status;
  const age = Math.max(0, Math.round((now - Date.parse(status.writtenAt)) / 1000));
  return [
    `${region}: ${verdict}, as ${status.leader} saw it ${age} s ago`,
    ...problems.map((problem) => `  ! ${problem}`),
    ...(["nomad", "consul"] as const).flatMap((kind) => [
      `  ${kind} servers, ${servers.expected} expected`,
      ...servers[kind].map(
        ({ name, address, voter, leader, healthy }) =>
          `    ${name}  ${address}  ${[healthy ? "healthy" : "NOT healthy", voter ? "voter" : "no voter", ...(leader ? ["leader"] : [])].join(", ")}`,
      ),
    ]),
    ...Object.entries(pools).flatMap(([pool, { nodes }]) => [
      `  pool ${pool}, ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}`,
      ...nodes.map(
        ({ name, address, ready, appHost }) =>
          `    ${name}  ${address}  ${ready ? "ready" : "NOT ready"}, app host ${appHost ? "answers" : "does NOT answer"}`,
      ),
    ]),
    ...Object.entries(apps).flatMap(([name, { pool, routes, component, nodes, problem }]) => [
      `  app ${name} in ${pool}, ${component === undefined ? "never released" : `${component.slice(0, 12)} on ${nodes.serving} of ${nodes.of} nodes`}${problem === undefined ? "" : `: ${problem}`}`,
      ...routes.map((route) => `    ${route}`),
    ]),
  ];
}
