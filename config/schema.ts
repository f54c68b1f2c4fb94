import { z } from "zod";
import { choice, list, named, oneOf, oneRule, section, wholeNumber } from "./fields.ts";
import { checkWhole } from "./rules.ts";
import {
  accountId,
  appName,
  arch,
  cidr,
  disk,
  domain,
  environmentName,
  instanceType,
  isRegion,
  isText,
  memory,
  outboundHost,
  poolName,
  regionProblem,
  requestTimeout,
  route,
  stateFolder,
  variableName,
  variableValue,
} from "./settings.ts";

const pools = named(
  section({
    /** Machines, 1 to 200. They cost money, so there is no default. */
    size: wholeNumber(1, 200, "a number of machines"),
    instanceType,
    arch,
    /** e.g. `"50 GB"`. */
    disk,
    /** Runs Traefik and stands behind the load balancer. It is public, so there is no default. */
    ingress: oneOf([true, false], "Say whether the pool is reached from outside"),
    /** Runs apps: every route of its apps lies below this domain. Absent: runs no apps. */
    domain: domain.optional(),
  }),
  poolName,
  "an object of node pools by their names",
);

const apps = named(
  section({
    pool: oneRule<string>(isText, {
      wrong: "is not a pool's name",
      expected: "the name of a node pool that has a domain",
      todo: "Name the pool that runs the app",
    }),
    /** Host names below the pool's domain; each belongs to one app. */
    routes: list(route, "a list of host names").superRefine((routes, context) => {
      if (routes.length === 0) context.addIssue("is empty, got []; expected one host name or more. Name the host that the app answers");
    }),
    /** Most that one request may use, `"1 MB"` to `"1024 MB"`. */
    memory,
    /** Longest time for one request, `"1 millisecond"` to `"5 minutes"`. */
    requestTimeout,
    /** Most requests at a time on one node, 1 to 1000; more are answered 503. */
    concurrency: wholeNumber(1, 1000, "a number of requests at a time"),
    /** Where it may connect: `host` (port 443) or `host:port`. Default: nowhere. */
    outboundHosts: list(outboundHost, "a list of hosts").default([]),
    /** Variables of the app; never secrets. */
    env: named(variableValue, variableName, "an object of variables by their names").default({}),
  }),
  appName,
  "an object of apps by their names",
);

/** One file of `config/environments/`. Nothing that costs money, holds data or is public has a default. */
export const environmentSchema = section({
  /** Also the file's name. `[a-z][a-z0-9]{1,15}`; no hyphen, so that globs never catch a neighbour; `keep` is reserved. */
  name: environmentName,
  /** Becomes `allowed_account_ids`. */
  accountId,
  /** Guards data: false sets `prevent_destroy` and deletion protection; true sets `force_destroy` and no recovery window. */
  allowDestroy: oneOf([true, false], "Say true only where all data may be lost"),
  /** Where Terraform keeps its states. `s3`: a bucket of the environment, made by `fleet state init`. */
  state: choice(
    [
      section({ kind: z.literal("s3"), region: oneRule<string>(isRegion, regionProblem) }),
      section({ kind: z.literal("local"), folder: stateFolder }),
    ],
    '"s3" or "local"',
  ),
  /** AWS API settings that differ where the API is not AWS itself; each with its reason where it is set. */
  api: section({
    /** The provider's retries of one call, 0 to 25. AWS: 25 (the provider's default). */
    maxRetries: wholeNumber(0, 25, "a number of retries"),
    /** Bucket in the path instead of the host name. */
    s3PathStyle: oneOf([true, false], "Say true only where a bucket cannot be a host name"),
  }).optional(),
  regions: named(
    section({
      /** Three zone names of this region, e.g. `eu-central-1a`. */
      zones: list(
        oneRule<string>(isText, { wrong: "is not a zone", expected: "the name of a zone", todo: "Write it in quotes" }),
        "a list of three zones",
      ),
      /** The VPC's IPv4 block, private, /16 to /20. */
      cidr,
      /** How private machines reach AWS APIs: interface endpoints, or NAT. Both cost money, so there is no default. */
      egress: oneOf(["endpoints", "nat"], "Choose how private machines reach AWS"),
    }),
    (name) => (isRegion(name) ? undefined : regionProblem),
    "an object of regions by their names",
  ),
  platform: choice(
    [
      section({
        kind: z.literal("aws-nomad"),
        servers: section({
          /** 3 or 5, one autoscaling group of size 1 each, spread over the zones. */
          count: oneOf([3, 5], "3 servers survive the loss of one, 5 of two"),
          instanceType,
          arch,
          /** e.g. `"20 GB"`. */
          disk,
        }),
        pools,
      }),
    ],
    '"aws-nomad"',
  ),
  apps,
}).superRefine(
  (environment, context) => {
    for (const { path, message } of checkWhole(environment)) context.addIssue({ code: "custom", path: [...path], message });
  },
  // Also where some settings are wrong, so that one run shows every problem.
  { when: () => true },
);

export type Environment = z.output<typeof environmentSchema>;
export type EnvironmentInput = z.input<typeof environmentSchema>;
