import { z } from "zod";

/** `sandbox`'s account: twelve zeros are never given to a customer, so real credentials cannot match it. */
export const sandboxAccountId = "000000000000";

export const environmentSchema = z.strictObject({
  /** Also the file's name. `[a-z][a-z0-9]{1,15}`; no hyphen, so that globs never catch a neighbour; `keep` is reserved. */
  name: z.string(),
  /** Becomes `allowed_account_ids`. */
  accountId: z.string(),
  /** Guards data: false sets `prevent_destroy` and deletion protection; true sets `force_destroy` and no recovery window. */
  allowDestroy: z.boolean(),
  /** Where Terraform keeps its states. `s3`: a bucket of the environment, made by `fleet state init`. */
  state: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("s3"), region: z.string() }),
    z.strictObject({ kind: z.literal("local"), folder: z.string() }),
  ]),
  /** AWS API settings that differ where the API is not AWS itself; each with its reason where it is set. */
  api: z
    .strictObject({
      /** The provider's retries of one call. AWS: 25 (the provider's default). */
      maxRetries: z.number().int(),
      /** Bucket in the path instead of the host name. */
      s3PathStyle: z.boolean(),
    })
    .optional(),
  regions: z.record(
    z.string(),
    z.strictObject({
      /** Three zone names of this region, e.g. `eu-central-1a`. */
      zones: z.array(z.string()),
      /** The VPC's IPv4 block, /16 to /20. */
      cidr: z.string(),
      /** How private machines reach AWS APIs: interface endpoints, or NAT. Both cost money, so there is no default. */
      egress: z.enum(["endpoints", "nat"]),
    }),
  ),
  platform: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("aws-nomad"),
      servers: z.strictObject({
        /** 3 or 5, one autoscaling group of size 1 each, spread over the zones. */
        count: z.number().int(),
        instanceType: z.string(),
        arch: z.enum(["amd64", "arm64"]),
        /** e.g. `"20 GB"`. */
        disk: z.string(),
      }),
      pools: z.record(
        z.string(),
        z.strictObject({
          size: z.number().int(),
          instanceType: z.string(),
          arch: z.enum(["amd64", "arm64"]),
          disk: z.string(),
          /** Runs Traefik and stands behind the load balancer. */
          ingress: z.boolean(),
          /** Runs apps: every route of its apps lies below this domain. Absent: runs no apps. */
          domain: z.string().optional(),
        }),
      ),
    }),
  ]),
  apps: z.record(
    z.string(),
    z.strictObject({
      pool: z.string(),
      routes: z.array(z.string()),
      /** e.g. `"64 MB"`. */
      memory: z.string(),
      /** e.g. `"1 second"`. */
      requestTimeout: z.string(),
      concurrency: z.number().int(),
      outboundHosts: z.array(z.string()).default([]),
      env: z.record(z.string(), z.string()).default({}),
    }),
  ),
});

export type Environment = z.output<typeof environmentSchema>;
export type EnvironmentInput = z.input<typeof environmentSchema>;
