import type { RuleCase } from "./rule-case.ts";

/** Rules that join several settings. */
export const wholeCases: readonly RuleCase[] = [
  {
    rule: "the file is named as the environment",
    change: [["name", "other"]],
    says: [
      'example.name: is not the name of its file, got "other"; expected "example". Rename one of them, so that environment and file are found by one name',
    ],
  },
  {
    rule: "there is a region",
    change: [["regions", {}]],
    says: ["example.regions: is empty, got {}; expected one region or more. Add the region that the machines run in"],
  },
  {
    rule: "regions and states are in one partition",
    change: [["state.region", "cn-north-1"]],
    says: [
      'example.state.region: is in the partition aws-cn, got "cn-north-1"; expected a region in aws, as the first one is. Make an environment of its own for each partition; an account is in one only',
    ],
  },
  {
    rule: "a zone is in its region",
    change: [["regions.us-east-1.zones", ["us-east-1a", "us-east-2b", "us-east-1c"]]],
    says: [
      'example.regions.us-east-1.zones[1]: is not a zone of us-east-1, got "us-east-2b"; expected us-east-1 and one letter, e.g. "us-east-1a". Take a zone of the region',
    ],
  },
  {
    rule: "zones are three",
    change: [["regions.us-east-1.zones", ["us-east-1a", "us-east-1b"]]],
    says: [
      'example.regions.us-east-1.zones: is not three zones, got ["us-east-1a","us-east-1b"]; expected three different zones. Name each zone once; servers keep their quorum when one of three is lost',
    ],
  },
  {
    rule: "zones differ",
    change: [["regions.us-east-1.zones", ["us-east-1a", "us-east-1b", "us-east-1a"]]],
    says: [
      'example.regions.us-east-1.zones: is not three zones, got ["us-east-1a","us-east-1b","us-east-1a"]; expected three different zones. Name each zone once; servers keep their quorum when one of three is lost',
    ],
  },
  {
    rule: "regions have blocks of their own",
    change: [["regions.us-east-1.cidr", "10.20.128.0/17"]],
    says: [
      'example.regions.us-east-1.cidr: overlaps with eu-central-1, which has 10.20.0.0/16, got "10.20.128.0/17"; expected a block of its own. Choose another block, so that regions can be joined',
    ],
  },
  {
    rule: "the sandbox keeps its own machines' block",
    change: [
      ["accountId", "000000000000"],
      ["regions.us-east-1.cidr", "10.255.0.0/16"],
    ],
    says: [
      'example.regions.us-east-1.cidr: does not fit the sandbox, got "10.255.0.0/16"; expected a block in 10.0.0.0/8 outside 10.255.0.0/16. Choose another block; the sandbox\'s own machines have these addresses',
    ],
  },
  {
    rule: "the sandbox's bridge reaches 10.0.0.0/8 only",
    change: [
      ["accountId", "000000000000"],
      ["regions.us-east-1.cidr", "192.168.0.0/16"],
    ],
    says: [
      'example.regions.us-east-1.cidr: does not fit the sandbox, got "192.168.0.0/16"; expected a block in 10.0.0.0/8 outside 10.255.0.0/16. Choose another block; the sandbox\'s own machines have these addresses',
    ],
  },
  {
    rule: "servers have the processor of their instance type",
    change: [["platform.servers.arch", "amd64"]],
    says: [
      'example.platform.servers.arch: is not the processor of t4g.medium, got "amd64"; expected "arm64". Set it, or choose an instance type of the other processor',
    ],
  },
  {
    rule: "a pool has the processor of its instance type",
    change: [["platform.pools.web.arch", "arm64"]],
    says: [
      'example.platform.pools.web.arch: is not the processor of m7i.large, got "arm64"; expected "amd64". Set it, or choose an instance type of the other processor',
    ],
  },
  {
    rule: "pools that run apps have one processor",
    change: [
      ["platform.pools.workers.instanceType", "m7g.large"],
      ["platform.pools.workers.arch", "arm64"],
    ],
    says: [
      'example.platform.pools.workers.arch: differs from pool web, which runs apps as well, got "arm64"; expected "amd64". Take one processor for all pools with a domain; their compiled apps are the same files',
    ],
  },
  {
    rule: "some pool has ingress",
    change: [["platform.pools.web.ingress", false]],
    says: [
      'example.platform.pools: has no pool with ingress, got ["web","workers","plain"]; expected one pool or more with ingress: true. Set it on the pool that stands behind the load balancer',
    ],
  },
  {
    rule: "pools have domains of their own",
    change: [["platform.pools.plain.domain", "batch.jobs.example.com"]],
    says: [
      'example.platform.pools.plain.domain: overlaps with pool workers, which has jobs.example.com, got "batch.jobs.example.com"; expected a domain of its own. Give each pool a domain that is not above or below another\'s',
    ],
  },
  {
    rule: "pools have domains that differ",
    change: [["platform.pools.plain.domain", "apps.example.com"]],
    says: [
      'example.platform.pools.plain.domain: overlaps with pool web, which has apps.example.com, got "apps.example.com"; expected a domain of its own. Give each pool a domain that is not above or below another\'s',
    ],
  },
  {
    rule: "no pool's domain is above another's",
    change: [["platform.pools.plain.domain", "example.com"]],
    says: ["web", "workers"].map(
      (pool, index) =>
        `example.platform.pools.plain.domain: overlaps with pool ${pool}, which has ${["apps", "jobs"][index]}.example.com, got "example.com"; expected a domain of its own. Give each pool a domain that is not above or below another's`,
    ),
  },
  {
    rule: "an app's pool exists",
    change: [["apps.hello.pool", "webb"]],
    says: [
      'example.apps.hello.pool: is not a pool of this environment, got "webb"; expected one of the pools with a domain: web, workers. Name one, or add the pool',
    ],
  },
  {
    rule: "an app's pool has a domain",
    change: [["apps.hello.pool", "plain"]],
    says: [
      'example.apps.hello.pool: is a pool that runs no apps, got "plain"; expected one of the pools with a domain: web, workers. Name another, or give the pool a domain',
    ],
  },
  {
    rule: "a route is below its pool's domain",
    change: [["apps.hello.routes", ["hello.apps.example.com", "evilapps.example.com"]]],
    says: [
      'example.apps.hello.routes[1]: is not below the domain of pool web, got "evilapps.example.com"; expected a host name that ends in .apps.example.com. Rename the route, or choose the pool of its domain',
    ],
  },
  {
    rule: "a route belongs to one app",
    change: [
      ["apps.shop.pool", "web"],
      ["apps.shop.routes", ["shop.apps.example.com", "hi.apps.example.com"]],
    ],
    says: [
      'example.apps.shop.routes[1]: is a route of app hello already, got "hi.apps.example.com"; expected a host name that no other route has. Remove one of the two',
    ],
  },
];
