import type { RuleCase } from "./rule-case.ts";

const hostForm = 'a lower-case host name of two labels or more, without port or final dot, e.g. "shop.apps.example.com"';
const poolForm = "a lower-case letter, then up to 19 lower-case letters, digits or hyphens, no hyphen at the end";

/** Platform, servers and pools. */
export const machinesCases: readonly RuleCase[] = [
  {
    rule: "the platform is a known one",
    change: [["platform.kind", "eks"]],
    says: ['example.platform.kind: is not a known kind, got "eks"; expected "aws-nomad". Set one of these'],
  },
  {
    rule: "servers are 3 or 5",
    change: [["platform.servers.count", 4]],
    says: [
      "example.platform.servers.count: is not one of the choices, got 4; expected 3 or 5. 3 servers survive the loss of one, 5 of two",
    ],
  },
  {
    rule: "an instance type is one",
    change: [["platform.servers.instanceType", "medium"]],
    says: [
      'example.platform.servers.instanceType: is not an instance type, got "medium"; expected a name such as "t4g.medium". Choose one of https://aws.amazon.com/ec2/instance-types',
    ],
  },
  {
    rule: "an architecture is amd64 or arm64",
    change: [["platform.servers.arch", "x86_64"]],
    says: [
      'example.platform.servers.arch: is not one of the choices, got "x86_64"; expected "amd64" or "arm64". Take the processor of the instance type',
    ],
  },
  {
    rule: "a disk is 8 GB to 16 TB",
    change: [["platform.servers.disk", "7 GB"]],
    says: [
      'example.platform.servers.disk: is not a disk size, got "7 GB"; expected whole GB from "8 GB" (the image) to "16 TB" (the largest gp3 volume). Write it as "20 GB"',
    ],
  },
  {
    rule: "a pool's name has no capitals",
    change: [["platform.pools.Plain", { size: 1, instanceType: "m7g.large", arch: "arm64", disk: "50 GB", ingress: false }]],
    says: [`example.platform.pools.Plain: is not a pool's name, got "Plain"; expected ${poolForm}. Rename the pool`],
  },
  {
    rule: "a pool is not one of Nomad's own",
    change: [["platform.pools.all", { size: 1, instanceType: "m7g.large", arch: "arm64", disk: "50 GB", ingress: false }]],
    says: [`example.platform.pools.all: is a pool of Nomad's own, got "all"; expected ${poolForm}, not all or default. Rename the pool`],
  },
  {
    rule: "a pool has a machine at least",
    change: [["platform.pools.web.size", 0]],
    says: [
      "example.platform.pools.web.size: is not a number of machines, got 0; expected a whole number from 1 to 200. Write a number of this range, without quotes",
    ],
  },
  {
    rule: "ingress has no default",
    change: [["platform.pools.plain.ingress", undefined]],
    says: [
      "example.platform.pools.plain.ingress: is missing, got nothing; expected true or false. Say whether the pool is reached from outside",
    ],
  },
  {
    rule: "a pool's domain is a host name",
    change: [["platform.pools.plain.domain", "*.example.org"]],
    says: [
      `example.platform.pools.plain.domain: is not a domain, got "*.example.org"; expected ${hostForm}. Name the domain that the apps' host names end in`,
    ],
  },
];
