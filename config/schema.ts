import { z } from "zod";
import { type Cidr, isPrivate, privateBlocks, readCidr, showAddress } from "./cidr.ts";
import { choice, field, list, named, oneOf, oneRule, section, wholeNumber } from "./fields.ts";
import { hostNameForm, isHostName, isOwnAddress, readOutboundHost } from "./hosts.ts";
import { architectureOf, partitionOf } from "./platforms.ts";
import { checkWhole } from "./rules.ts";
import { type Duration, durationForm, readDuration, readSize, type Size, sizeForm } from "./units.ts";

const matches = (pattern: RegExp) => (value: unknown) => typeof value === "string" && pattern.test(value);
const isText = (value: unknown): value is string => typeof value === "string";

const environmentName = field<string>((value) => {
  const expected = "a lower-case letter, then 1 to 15 lower-case letters or digits";
  if (!matches(/^[a-z][a-z0-9]{1,15}$/)(value))
    return { wrong: "is not an environment's name", expected, todo: "Rename it; a hyphen would let a glob catch a neighbour" };
  if (value === "keep")
    return { wrong: "is reserved", expected: `${expected}, but not keep`, todo: "Rename it; keep-* are the stacks that outlive destroy" };
  return undefined;
});

const accountId = oneRule<string>(matches(/^[0-9]{12}$/), {
  wrong: "is not an AWS account id",
  expected: "12 digits in quotes",
  todo: "Ask `aws sts get-caller-identity` for it",
});

const regionProblem = {
  wrong: "is not an AWS region",
  expected: 'the name of a region, e.g. "eu-central-1"',
  todo: "Correct it; a region that is new at AWS is added in config/platforms.ts",
};
const isRegion = (value: unknown) => isText(value) && partitionOf(value) !== undefined;

const stateFolder = oneRule<string>(
  (value) => matches(/^[A-Za-z0-9._/-]{1,200}$/)(value) && !matches(/^(\.\/)?(cdktf\.out|\.build)(\/|$)/)(value),
  {
    wrong: "is not a folder for states",
    expected: "a path of letters, digits, dots, hyphens and slashes, not below cdktf.out or .build, which every synth makes anew",
    todo: 'Choose a folder that stays, e.g. "states"',
  },
);

const blockSizes = "a private IPv4 block of /16 to /20";
const cidr = field<Cidr>((value) => {
  const range = readCidr(value);
  if (range === undefined)
    return { wrong: "is not an IPv4 block", expected: `${blockSizes}, e.g. "10.20.0.0/16"`, todo: "Write address/prefix" };
  if (range.prefix < 16 || range.prefix > 20)
    return {
      wrong: "has a prefix that does not fit",
      expected: blockSizes,
      todo: "AWS takes /16 at most, and subnets of three zones need /20 at least",
    };
  if (!isPrivate(range)) return { wrong: "is public", expected: `a block in ${privateBlocks.join(", ")}`, todo: "Choose a private block" };
  if (!range.aligned)
    return {
      wrong: "has bits set behind its prefix",
      expected: `the first address of the block, "${showAddress(range.first)}/${range.prefix}"`,
      todo: "Set the rest of the address to 0",
    };
  return undefined;
});

const instanceType = oneRule<string>((value) => architectureOf(value) !== undefined, {
  wrong: "is not an instance type",
  expected: 'a name such as "t4g.medium"',
  todo: "Choose one of https://aws.amazon.com/ec2/instance-types",
});
const arch = oneOf(["amd64", "arm64"], "Take the processor of the instance type");
const smallestDisk = 8;
const disk = oneRule<Size>(
  (value) => {
    const mebibytes = readSize(value);
    return mebibytes !== undefined && mebibytes % 1024 === 0 && mebibytes >= smallestDisk * 1024 && mebibytes <= 16 * 1024 * 1024;
  },
  {
    wrong: "is not a disk size",
    expected: 'whole GB from "8 GB" (the image) to "16 TB" (the largest gp3 volume)',
    todo: 'Write it as "20 GB"',
  },
);

const poolName = (value: unknown) => {
  const expected = "a lower-case letter, then up to 19 lower-case letters, digits or hyphens, no hyphen at the end";
  if (!matches(/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/)(value)) return { wrong: "is not a pool's name", expected, todo: "Rename the pool" };
  if (value === "all" || value === "default")
    return { wrong: "is a pool of Nomad's own", expected: `${expected}, not all or default`, todo: "Rename the pool" };
  return undefined;
};
const domain = oneRule<string>(isHostName, {
  wrong: "is not a domain",
  expected: hostNameForm,
  todo: "Name the domain that the apps' host names end in",
});

const appName = (value: unknown) =>
  matches(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/)(value)
    ? undefined
    : {
        wrong: "is not an app's name",
        expected: "a lower-case letter, then up to 39 lower-case letters, digits or hyphens, no hyphen at the end",
        todo: "Rename the app",
      };
const route = oneRule<string>(isHostName, {
  wrong: "is not a host name",
  expected: hostNameForm,
  todo: "Name one host; paths belong to the app",
});
const memory = oneRule<Size>((value) => (readSize(value) ?? 0) >= 1 && (readSize(value) ?? 0) <= 1024, {
  wrong: "is not an app's memory",
  expected: `"1 MB" to "1024 MB": ${sizeForm}`,
  todo: "It is the most that one request may use",
});
const requestTimeout = oneRule<Duration>((value) => (readDuration(value) ?? 0) >= 1 && (readDuration(value) ?? 0) <= 300_000, {
  wrong: "is not a time for one request",
  expected: `"1 millisecond" to "5 minutes": ${durationForm}`,
  todo: "Longer work belongs in a queue",
});
const outboundHost = field<string>((value) => {
  const target = readOutboundHost(value);
  const expected = 'a lower-case host name or an IPv4 address, with a port if it is not 443, e.g. "api.example.com" or "10.0.0.5:5432"';
  if (target === undefined) return { wrong: "is not a host", expected, todo: "Name each host; there are no wildcards" };
  if (isOwnAddress(target.host))
    return {
      wrong: "is the machine's own address",
      expected,
      todo: "Name another host; credentials and agents of the machine are not for apps",
    };
  return undefined;
});
const variableName = (value: unknown) =>
  matches(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/)(value)
    ? undefined
    : {
        wrong: "is not a variable's name",
        expected: "letters, digits and underscores, no digit first, 128 at most",
        todo: "Rename the variable",
      };
const variableValue = oneRule<string>(isText, {
  wrong: "is not a text",
  expected: "a text",
  todo: "Write it in quotes; secrets do not belong here",
});

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
