/** One failing case for each rule of the schema: what is changed in the example, and every line that is said. */
export interface RuleCase {
  readonly rule: string;
  readonly change: readonly (readonly [path: string, value: unknown])[];
  readonly says: readonly string[];
}

const hostForm = 'a lower-case host name of two labels or more, without port or final dot, e.g. "shop.apps.example.com"';
const sizeForm = 'a whole number and MB, GB or TB, e.g. "64 MB"';
const durationForm = 'a whole number and milliseconds, seconds, minutes, hours or days, e.g. "30 seconds"';
const nameForm = "a lower-case letter, then 1 to 15 lower-case letters or digits";
const poolForm = "a lower-case letter, then up to 19 lower-case letters, digits or hyphens, no hyphen at the end";
const outboundForm = 'a lower-case host name or an IPv4 address, with a port if it is not 443, e.g. "api.example.com" or "10.0.0.5:5432"';
const regionForm = 'the name of a region, e.g. "eu-central-1". Correct it; a region that is new at AWS is added in config/platforms.ts';
const zones = (region: string) => ["a", "b", "c"].map((letter) => `${region}${letter}`);

export const settingCases: readonly RuleCase[] = [
  {
    rule: "a name has no hyphen",
    change: [["name", "my-example"]],
    says: [
      `example.name: is not an environment's name, got "my-example"; expected ${nameForm}. Rename it; a hyphen would let a glob catch a neighbour`,
    ],
  },
  ...Object.entries({
    keep: "keep-* are the stacks that outlive destroy",
    internal: "AWS refuses load balancers that begin with internal-",
    sg: "AWS refuses security groups that begin with sg-",
    sthree: "AWS refuses buckets that begin with sthree-",
  }).map(([name, owner]) => ({
    rule: `the name ${name} is taken`,
    change: [["name", name]] as const,
    says: [`example.name: is reserved, got "${name}"; expected ${nameForm}, but not ${name}. Rename it; ${owner}`],
  })),
  {
    rule: "an account id has 12 digits",
    change: [["accountId", "11112222333"]],
    says: [
      'example.accountId: is not an AWS account id, got "11112222333"; expected 12 digits in quotes. Ask `aws sts get-caller-identity` for it',
    ],
  },
  {
    rule: "allowDestroy has no default",
    change: [["allowDestroy", undefined]],
    says: ["example.allowDestroy: is missing, got nothing; expected true or false. Say true only where all data may be lost"],
  },
  {
    rule: "allowDestroy is true or false",
    change: [["allowDestroy", "no"]],
    says: ['example.allowDestroy: is not one of the choices, got "no"; expected true or false. Say true only where all data may be lost'],
  },
  {
    rule: "states are in S3 or in a folder",
    change: [["state", { kind: "consul" }]],
    says: ['example.state.kind: is not a known kind, got "consul"; expected "s3" or "local". Set one of these'],
  },
  {
    rule: "a choice is written in braces",
    change: [["state", "s3"]],
    says: [
      'example.state: is not a group of settings, got "s3"; expected an object with a kind, "s3" or "local". Write its settings in braces',
    ],
  },
  {
    rule: "states are in a region that exists",
    change: [["state.region", "eu-central-9"]],
    says: [`example.state.region: is not an AWS region, got "eu-central-9"; expected ${regionForm}`],
  },
  {
    rule: "local states are not where synth deletes them",
    change: [["state", { kind: "local", folder: "cdktf.out/states" }]],
    says: [
      'example.state.folder: is not a folder for states, got "cdktf.out/states"; expected a path of letters, digits, dots, hyphens and slashes, not below cdktf.out or .build, which every synth makes anew. Choose a folder that stays, e.g. "states"',
    ],
  },
  {
    rule: "retries are 0 to 25",
    change: [["api.maxRetries", 26]],
    says: [
      "example.api.maxRetries: is not a number of retries, got 26; expected a whole number from 0 to 25. Write a number of this range, without quotes",
    ],
  },
  {
    rule: "path style is true or false",
    change: [["api.s3PathStyle", 1]],
    says: [
      "example.api.s3PathStyle: is not one of the choices, got 1; expected true or false. Say true only where a bucket cannot be a host name",
    ],
  },
  {
    rule: "a section is written in braces",
    change: [["api", []]],
    says: [
      "example.api: is not a group of settings, got []; expected an object with maxRetries, s3PathStyle. Write these settings in braces",
    ],
  },
  {
    rule: "an unknown setting is refused, and its value not shown",
    change: [["apps.hello.memmory", "hunter2"]],
    says: [
      'example.apps.hello.memmory: is not a setting, got "memmory"; expected one of pool, routes, memory, requestTimeout, concurrency, outboundHosts, env. Correct its name or remove it',
    ],
  },
  {
    rule: "named settings are written in braces",
    change: [["apps", ["hello"]]],
    says: ['example.apps: is not a group of named settings, got ["hello"]; expected an object of apps by their names. Write it in braces'],
  },
  {
    rule: "a region exists",
    change: [["regions", { "eu-central-9": { zones: zones("eu-central-9"), cidr: "10.20.0.0/16", egress: "nat" } }]],
    says: [`example.regions.eu-central-9: is not an AWS region, got "eu-central-9"; expected ${regionForm}`],
  },
  {
    rule: "zones are a list",
    change: [["regions.us-east-1.zones", "us-east-1a"]],
    says: ['example.regions.us-east-1.zones: is not a list, got "us-east-1a"; expected a list of three zones. Write it in brackets'],
  },
  {
    rule: "a zone is a text",
    change: [["regions.us-east-1.zones", ["us-east-1a", "us-east-1b", 3]]],
    says: ["example.regions.us-east-1.zones[2]: is not a zone, got 3; expected the name of a zone. Write it in quotes"],
  },
  {
    rule: "a block is an IPv4 block",
    change: [["regions.us-east-1.cidr", "10.21.0.0"]],
    says: [
      'example.regions.us-east-1.cidr: is not an IPv4 block, got "10.21.0.0"; expected a private IPv4 block of /16 to /20, e.g. "10.20.0.0/16". Write address/prefix',
    ],
  },
  {
    rule: "a block is /16 to /20",
    change: [["regions.us-east-1.cidr", "10.21.0.0/21"]],
    says: [
      'example.regions.us-east-1.cidr: has a prefix that does not fit, got "10.21.0.0/21"; expected a private IPv4 block of /16 to /20. AWS takes /16 at most, and subnets of three zones need /20 at least',
    ],
  },
  {
    rule: "a block is private",
    change: [["regions.us-east-1.cidr", "172.32.0.0/16"]],
    says: [
      'example.regions.us-east-1.cidr: is public, got "172.32.0.0/16"; expected a block in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16. Choose a private block',
    ],
  },
  {
    rule: "a block begins where its prefix says",
    change: [["regions.us-east-1.cidr", "10.21.16.0/18"]],
    says: [
      'example.regions.us-east-1.cidr: has bits set behind its prefix, got "10.21.16.0/18"; expected the first address of the block, "10.21.0.0/18". Set the rest of the address to 0',
    ],
  },
  {
    rule: "egress has no default",
    change: [["regions.us-east-1.egress", undefined]],
    says: [
      'example.regions.us-east-1.egress: is missing, got nothing; expected "endpoints" or "nat". Choose how private machines reach AWS',
    ],
  },
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
  {
    rule: "an app's name is short and lower case",
    change: [
      [
        "apps",
        { "hello-": { pool: "web", routes: ["hello.apps.example.com"], memory: "64 MB", requestTimeout: "1 second", concurrency: 16 } },
      ],
    ],
    says: [
      'example.apps.hello-: is not an app\'s name, got "hello-"; expected a lower-case letter, then up to 39 lower-case letters, digits or hyphens, no hyphen at the end. Rename the app',
    ],
  },
  {
    rule: "an app's pool is a text",
    change: [["apps.hello.pool", 1]],
    says: [
      "example.apps.hello.pool: is not a pool's name, got 1; expected the name of a node pool that has a domain. Name the pool that runs the app",
    ],
  },
  {
    rule: "an app has a route",
    change: [["apps.hello.routes", []]],
    says: ["example.apps.hello.routes: is empty, got []; expected one host name or more. Name the host that the app answers"],
  },
  {
    rule: "a route is lower case",
    change: [["apps.hello.routes", ["Hello.apps.example.com"]]],
    says: [
      `example.apps.hello.routes[0]: is not a host name, got "Hello.apps.example.com"; expected ${hostForm}. Name one host; paths belong to the app`,
    ],
  },
  {
    rule: "memory is 1024 MB at most",
    change: [["apps.hello.memory", "1025 MB"]],
    says: [
      `example.apps.hello.memory: is not an app's memory, got "1025 MB"; expected "1 MB" to "1024 MB": ${sizeForm}. It is the most that one request may use`,
    ],
  },
  {
    rule: "a request takes 5 minutes at most",
    change: [["apps.hello.requestTimeout", "301 seconds"]],
    says: [
      `example.apps.hello.requestTimeout: is not a time for one request, got "301 seconds"; expected "1 millisecond" to "5 minutes": ${durationForm}. Longer work belongs in a queue`,
    ],
  },
  {
    rule: "concurrency is 1000 at most",
    change: [["apps.hello.concurrency", 1001]],
    says: [
      "example.apps.hello.concurrency: is not a number of requests at a time, got 1001; expected a whole number from 1 to 1000. Write a number of this range, without quotes",
    ],
  },
  {
    rule: "an outbound host has no scheme",
    change: [["apps.hello.outboundHosts", ["https://api.example.com"]]],
    says: [
      `example.apps.hello.outboundHosts[0]: is not a host, got "https://api.example.com"; expected ${outboundForm}. Name each host; there are no wildcards`,
    ],
  },
  {
    rule: "an app is not let out to its machine's credentials",
    change: [["apps.hello.outboundHosts", ["api.example.com", "169.254.169.254:80"]]],
    says: [
      `example.apps.hello.outboundHosts[1]: is the machine's own address, got "169.254.169.254:80"; expected ${outboundForm}. Name another host; credentials and agents of the machine are not for apps`,
    ],
  },
  {
    rule: "a variable's name is one",
    change: [["apps.hello.env", { "LOG-LEVEL": "info" }]],
    says: [
      'example.apps.hello.env.LOG-LEVEL: is not a variable\'s name, got "LOG-LEVEL"; expected letters, digits and underscores, no digit first, 128 at most. Rename the variable',
    ],
  },
  {
    rule: "a variable is a text",
    change: [["apps.hello.env", { WORKERS: 4 }]],
    says: ["example.apps.hello.env.WORKERS: is not a text, got 4; expected a text. Write it in quotes; secrets do not belong here"],
  },
];

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
