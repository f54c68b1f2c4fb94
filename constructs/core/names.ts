import { createHash } from "node:crypto";

/** What a physical name is made of. The same four always give the same name. */
export interface NameParts {
  readonly environment: string;
  readonly region: string;
  readonly id: string;
}

/** Longest name AWS takes, per kind of resource, from each service's API reference. */
const limits = {
  loadBalancer: 32,
  targetGroup: 32,
  role: 64,
  instanceProfile: 128,
  bucket: 63,
  autoscalingGroup: 255,
  launchTemplate: 128,
  securityGroup: 255,
  secret: 512,
  keyAlias: 256,
} as const;

export type NameKind = keyof typeof limits;

/** Physical name: `<environment>-<region>-<id>`, shortened with a hash where it is over the limit of its kind. */
export function physicalName(kind: NameKind, parts: NameParts): string {
  return shorten(`${parts.environment}-${parts.region}-${parts.id}`, limits[kind]);
}

/** Bucket names are global: the account's id makes them unique. */
export function bucketName(parts: NameParts & { readonly accountId: string }): string {
  return shorten(`${parts.environment}-${parts.region}-${parts.id}-${parts.accountId}`, limits.bucket);
}

/** Bucket of the Terraform states of one environment. */
export function stateBucketName(parts: { readonly environment: string; readonly region: string; readonly accountId: string }): string {
  return bucketName({ ...parts, id: "state" });
}

/** Bucket of everything machines and teams exchange in one region. */
export function artefactBucketName(parts: { readonly environment: string; readonly region: string; readonly accountId: string }): string {
  return bucketName({ ...parts, id: "artefacts" });
}

/** Secret container of a role in one region: `servers` or a node pool's name with `pool-` before it. */
export function secretName(parts: { readonly environment: string; readonly role: string }): string {
  return `${parts.environment}/${parts.role}`;
}

export const serverRole = "servers";
export const poolRole = (pool: string): string => `pool-${pool}`;

function shorten(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const tail = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, limit - tail.length - 1).replace(/-+$/, "")}-${tail}`;
}
