import { createHash } from "node:crypto";
import { reservedNames } from "../../config/platforms.ts";
import { describeProblem } from "../../config/problem.ts";

/** What a physical name is made of. The same parts always give the same name, and no other parts do. */
export interface NameParts {
  /** `[a-z][a-z0-9]{1,15}`, not a reserved one. Without a hyphen, so that it ends where the region begins. */
  readonly environment: string;
  /** Name of an AWS region or a site: lower-case letters, digits, hyphens. */
  readonly region: string;
  /** What it is, unique for its kind in the region: lower-case letters, digits, hyphens. */
  readonly id: string;
}

/** Parts of a name that is unique in the whole world. */
export interface BucketNameParts extends NameParts {
  /** 12 digits. */
  readonly accountId: string;
}

/** Longest name AWS takes, per kind of resource, from each service's API reference. */
export const nameLimits = {
  loadBalancer: 32,
  targetGroup: 32,
  role: 64,
  instanceProfile: 128,
  bucket: 63,
  autoscalingGroup: 255,
  launchTemplate: 128,
  securityGroup: 255,
  /** 256 with the prefix `alias/`. */
  keyAlias: 250,
} as const;

export type NameKind = Exclude<keyof typeof nameLimits, "bucket">;

/** Physical name: `<environment>-<region>-<id>`, shortened with a hash where it is over the limit of its kind. */
export function physicalName(kind: NameKind, parts: NameParts): string {
  return shorten(joined(parts), nameLimits[kind]);
}

/** Bucket names are global: the account's id makes them unique. */
export function bucketName(parts: BucketNameParts): string {
  return shorten(`${joined(parts)}-${checked("accountId", parts.accountId)}`, nameLimits.bucket);
}

/** Bucket of the Terraform states of one environment. */
export function stateBucketName(parts: Omit<BucketNameParts, "id">): string {
  return bucketName({ ...parts, id: "state" });
}

/** Bucket of everything machines and teams exchange in one region. */
export function artefactBucketName(parts: Omit<BucketNameParts, "id">): string {
  return bucketName({ ...parts, id: "artefacts" });
}

/** Secret container of a role in one region: `servers` or a node pool's name with `pool-` before it. */
export function secretName(parts: { readonly environment: string; readonly role: string }): string {
  return `${checked("environment", parts.environment)}/${checked("role", parts.role)}`;
}

export const serverRole = "servers";
export const poolRole = (pool: string): string => `pool-${pool}`;

function joined({ environment, region, id }: NameParts): string {
  return [checked("environment", environment), checked("region", region), checked("id", id)].join("-");
}

const words = {
  pattern: /^[a-z0-9]+(-+[a-z0-9]+)*$/,
  expected: "lower-case letters, digits and hyphens, no hyphen first or last",
  todo: "Give a name that is known at synth; a value from Terraform is not",
};

const partRules = {
  environment: {
    pattern: /^[a-z][a-z0-9]{1,15}$/,
    expected: `a lower-case letter, then 1 to 15 lower-case letters or digits, not ${Object.keys(reservedNames).join(", ")}`,
    todo: "Rename the environment",
  },
  region: words,
  id: words,
  role: words,
  accountId: { pattern: /^[0-9]{12}$/, expected: "12 digits", todo: "Give the id of the account, known at synth" },
} as const;

function checked(part: keyof typeof partRules, value: string): string {
  const { pattern, expected, todo } = partRules[part];
  if (pattern.test(value) && !(part === "environment" && reservedNames[value] !== undefined)) return value;
  throw new Error(`${part}: ${describeProblem({ wrong: "cannot be part of a name", got: value, expected, todo })}`);
}

function shorten(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const tail = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, limit - tail.length - 1).replace(/-+$/, "")}-${tail}`;
}
