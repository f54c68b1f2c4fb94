import type { RuleCase } from "./rule-case.ts";

const nameForm = "a lower-case letter, then 1 to 15 lower-case letters or digits";
const regionForm = 'the name of a region, e.g. "eu-central-1". Correct it; a region that is new at AWS is added in config/platforms.ts';
const zones = (region: string) => ["a", "b", "c"].map((letter) => `${region}${letter}`);

/** Name, account, states, API and regions. */
export const placeCases: readonly RuleCase[] = [
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
];
