import type { EnvironmentInput } from "../../config/schema.ts";

/** A right environment with two of everything, for tests to spoil. */
export function exampleEnvironment() {
  return {
    name: "example",
    accountId: "111122223333",
    allowDestroy: false,
    state: { kind: "s3", region: "eu-central-1" },
    api: { maxRetries: 25, s3PathStyle: false },
    regions: {
      "eu-central-1": { zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"], cidr: "10.20.0.0/16", egress: "nat" },
      "us-east-1": { zones: ["us-east-1a", "us-east-1b", "us-east-1d"], cidr: "10.21.0.0/16", egress: "endpoints" },
    },
    platform: {
      kind: "aws-nomad",
      servers: { count: 3, instanceType: "t4g.medium", arch: "arm64", disk: "20 GB" },
      pools: {
        web: { size: 2, instanceType: "m7i.large", arch: "amd64", disk: "50 GB", ingress: true, domain: "apps.example.com" },
        workers: { size: 1, instanceType: "m7i.large", arch: "amd64", disk: "50 GB", ingress: false, domain: "jobs.example.com" },
        plain: { size: 1, instanceType: "m7i.large", arch: "amd64", disk: "50 GB", ingress: false },
      },
    },
    apps: {
      hello: {
        pool: "web",
        routes: ["hello.apps.example.com", "hi.apps.example.com"],
        memory: "64 MB",
        requestTimeout: "1 second",
        concurrency: 16,
        outboundHosts: ["api.example.com", "10.0.0.5:5432"],
        env: { LOG_LEVEL: "info" },
      },
      shop: { pool: "workers", routes: ["shop.jobs.example.com"], memory: "1 GB", requestTimeout: "5 minutes", concurrency: 1 },
    },
  } satisfies EnvironmentInput;
}

/** The example with some settings replaced, added or (with `undefined`) left out, by their paths. */
export function spoilt(changes: readonly (readonly [path: readonly string[], value: unknown])[]): unknown {
  const environment = structuredClone(exampleEnvironment());
  for (const [path, value] of changes) {
    const parent = path.slice(0, -1).reduce<unknown>((object, key) => (object as Record<string, unknown>)[key], environment);
    const key = path.at(-1) ?? "";
    if (value === undefined) delete (parent as Record<string, unknown>)[key];
    else (parent as Record<string, unknown>)[key] = value;
  }
  return environment;
}
