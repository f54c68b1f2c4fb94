import { describeProblem } from "../../config/problem.ts";
import type { AppDeclaration } from "../core/app.ts";
import type { AwsNomadPool, AwsNomadProps } from "./aws-nomad-props.ts";

/** What is wrong with the props, for callers that have no environment file whose schema says so. */
export function platformProblems({ environment, network, pools, servers }: AwsNomadProps): string[] {
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9]{1,15}$/.test(environment))
    problems.push(
      `environment: ${describeProblem({ wrong: "is not an environment's name", got: environment, expected: "a lower-case letter, then 1 to 15 lower-case letters or digits", todo: "Rename it; it is part of every name" })}`,
    );
  if (servers.count !== 3 && servers.count !== 5)
    problems.push(
      `servers.count: ${describeProblem({ wrong: "does not make a quorum", got: servers.count, expected: "3 or 5", todo: "3 servers survive the loss of one, 5 of two" })}`,
    );
  if (!Object.values(pools).some(({ ingress }) => ingress))
    problems.push(
      `pools: ${describeProblem({ wrong: "has no ingress", got: Object.keys(pools), expected: "at least one pool with ingress: true", todo: "Say which pool stands behind the load balancer" })}`,
    );
  const [first, ...others] = Object.entries(pools).filter(([, { domain }]) => domain !== undefined);
  for (const [name, { arch }] of others)
    if (first !== undefined && arch !== first[1].arch)
      problems.push(
        `pools.${name}.arch: ${describeProblem({ wrong: `differs from pool ${first[0]}, which runs apps as well`, got: arch, expected: JSON.stringify(first[1].arch), todo: "Take one processor for all pools with a domain; their compiled apps are the same files" })}`,
      );
  for (const kind of ["publicSubnetIds", "privateSubnetIds"] as const)
    if (network[kind].length === 0)
      problems.push(
        `network.${kind}: ${describeProblem({ wrong: "is empty", got: [], expected: "a subnet per zone", todo: "Name the subnets of the VPC" })}`,
      );
  return problems;
}

/** What is wrong with an app on these pools. */
export function appProblems(app: AppDeclaration, pools: Readonly<Record<string, AwsNomadPool>>): string[] {
  const withApps = Object.entries(pools).flatMap(([name, { domain }]) => (domain === undefined ? [] : [name]));
  const expected = `a pool with a domain: ${withApps.join(", ") || "there is none"}`;
  const pool = pools[app.pool];
  if (pool === undefined)
    return [`pool: ${describeProblem({ wrong: "does not exist", got: app.pool, expected, todo: "Name one of them, or add the pool" })}`];
  const { domain } = pool;
  if (domain === undefined)
    return [
      `pool: ${describeProblem({ wrong: "runs no apps", got: app.pool, expected, todo: "Name one of them, or give the pool a domain" })}`,
    ];
  return app.routes
    .filter((route) => !route.endsWith(`.${domain}`))
    .map(
      (route) =>
        `routes: ${describeProblem({ wrong: "is outside its pool's domain", got: route, expected: `a host name below ${domain}`, todo: "Rename the route, or move the app to the pool of that domain" })}`,
    );
}
