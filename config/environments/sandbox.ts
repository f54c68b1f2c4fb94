import type { EnvironmentInput } from "../schema.ts";

/** The local cloud: `npm run up`. An emulated AWS region with real machines. */
export default {
  name: "sandbox",
  accountId: "000000000000",
  allowDestroy: true,
  state: { kind: "s3", region: "us-east-1" },
  api: {
    // What the emulator lacks it answers with 500; the provider's 25 retries would hide that for ten minutes.
    maxRetries: 2,
    // The emulator has one address, so a bucket cannot be a host name.
    s3PathStyle: true,
  },
  regions: {
    "us-east-1": { zones: ["us-east-1a", "us-east-1b", "us-east-1c"], cidr: "10.30.0.0/16", egress: "endpoints" },
  },
  platform: {
    kind: "aws-nomad",
    servers: { count: 3, instanceType: "m7i.large", arch: "amd64", disk: "20 GB" },
    pools: {
      web: { size: 1, instanceType: "m7i.xlarge", arch: "amd64", disk: "50 GB", ingress: true, domain: "apps.localhost" },
    },
  },
  apps: {
    hello: { pool: "web", routes: ["hello.apps.localhost"], memory: "64 MB", requestTimeout: "1 second", concurrency: 16 },
  },
} satisfies EnvironmentInput;
