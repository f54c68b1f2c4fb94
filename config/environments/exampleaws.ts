import type { EnvironmentInput } from "../schema.ts";

/** Production on AWS: one region over three zones. Copy it, then change the account, the domain and the sizes. */
export default {
  name: "exampleaws",
  // AWS's own placeholder; deploys refuse every account but this one, so an unchanged copy touches nothing.
  accountId: "111122223333",
  // Production: buckets, secrets and backups cannot be destroyed by mistake.
  allowDestroy: false,
  // In the region of the machines, so that one region is all that a deploy needs.
  state: { kind: "s3", region: "eu-central-1" },
  regions: {
    "eu-central-1": {
      zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
      // Outside the first blocks of 10.0.0.0/8, which office networks and other VPCs mostly have.
      cidr: "10.60.0.0/16",
      // Apps may call hosts on the internet; interface endpoints alone would reach AWS only.
      egress: "nat",
    },
  },
  platform: {
    kind: "aws-nomad",
    // Graviton: a fifth cheaper than x86 of the same size, and Wasm components are compiled for either.
    // Burstable is enough: a server at rest takes 3 to 7 % of a core and 0.1 to 0.4 GB.
    servers: { count: 3, instanceType: "t4g.medium", arch: "arm64", disk: "20 GB" },
    pools: {
      // Two, so that apps answer while one is replaced. Not burstable: requests cost processor time all day.
      web: { size: 2, instanceType: "m7g.large", arch: "arm64", disk: "30 GB", ingress: true, domain: "apps.example.com" },
    },
  },
  apps: {
    hello: {
      pool: "web",
      routes: ["hello.apps.example.com"],
      memory: "64 MB",
      requestTimeout: "1 second",
      concurrency: 100,
    },
  },
} satisfies EnvironmentInput;
