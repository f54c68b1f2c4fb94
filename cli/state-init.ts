import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import {
  CreateBucketCommand,
  type CreateBucketCommandInput,
  DeleteBucketCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { partitionOf } from "../config/platforms.ts";
import type { Environment } from "../config/schema.ts";
import { stateBucketName } from "../constructs/core/names.ts";
import { awsErrorName, awsStatus } from "./aws.ts";
import { emptyBucket } from "./buckets.ts";
import { UserError } from "./errors.ts";
import { projectFolder } from "./folders.ts";
import { isMissing } from "./objects.ts";

/** Where the states of an environment lie: `s3://<bucket>` or a folder. */
export function statePlace(environment: Environment): { kind: "s3"; bucket: string; region: string } | { kind: "local"; folder: string } {
  const { name, accountId, state } = environment;
  if (state.kind === "local") return { kind: "local", folder: resolve(projectFolder, state.folder) };
  return { kind: "s3", bucket: stateBucketName({ environment: name, region: state.region, accountId }), region: state.region };
}

/** Makes the place for the states, or brings what is there to what it should be. Twice the same changes nothing. */
export async function initState(s3: S3Client, environment: Environment): Promise<"made" | "there"> {
  const place = statePlace(environment);
  if (place.kind === "local") {
    return mkdirSync(place.folder, { recursive: true, mode: 0o700 }) === undefined ? "there" : "made";
  }
  const { bucket, region } = place;
  const made = await makeBucket(s3, bucket, region);
  const settings = { Bucket: bucket };
  await s3.send(new PutBucketTaggingCommand({ ...settings, Tagging: { TagSet: tags(environment, region) } }));
  await s3.send(
    new PutPublicAccessBlockCommand({
      ...settings,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    }),
  );
  await s3.send(new PutBucketVersioningCommand({ ...settings, VersioningConfiguration: { Status: "Enabled" } }));
  await s3.send(
    new PutBucketEncryptionCommand({
      ...settings,
      ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }] },
    }),
  );
  await s3.send(new PutBucketLifecycleConfigurationCommand({ ...settings, LifecycleConfiguration: { Rules: lifecycleRules } }));
  await s3.send(new PutBucketPolicyCommand({ ...settings, Policy: JSON.stringify(tlsOnlyPolicy(bucket, region)) }));
  return made;
}

/** Deletes the bucket with every version of every state; only `down --everything` does that. */
export async function deleteState(s3: S3Client, environment: Environment): Promise<void> {
  const place = statePlace(environment);
  if (place.kind === "local") return;
  try {
    await emptyBucket(s3, place.bucket);
    await s3.send(new DeleteBucketCommand({ Bucket: place.bucket }));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function makeBucket(s3: S3Client, bucket: string, region: string): Promise<"made" | "there"> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
    return "there";
  } catch (error) {
    if (awsStatus(error) === 403) throw foreignBucket(bucket, error);
    if (!isMissing(error)) throw error;
  }
  // us-east-1 is S3's default and refused when named.
  type Location = NonNullable<NonNullable<CreateBucketCommandInput["CreateBucketConfiguration"]>["LocationConstraint"]>;
  const elsewhere = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region as Location } };
  try {
    await s3.send(new CreateBucketCommand({ Bucket: bucket, ObjectOwnership: "BucketOwnerEnforced", ...elsewhere }));
  } catch (error) {
    if (awsErrorName(error) === "BucketAlreadyOwnedByYou") return "there"; // Two at once.
    if (awsErrorName(error) === "BucketAlreadyExists") throw foreignBucket(bucket, error);
    throw error;
  }
  return "made";
}

function foreignBucket(bucket: string, cause: unknown): UserError {
  return new UserError(
    `state bucket ${bucket}: not usable, got ${awsErrorName(cause)}; expected a bucket of this account, or none`,
    "Give these credentials access to it, or, if it belongs to somebody else, change the environment's name",
    { cause },
  );
}

// Each lock leaves two noncurrent versions; old states are the way back after a mistake.
const lifecycleRules = [
  {
    ID: "expire-old-versions",
    Status: "Enabled" as const,
    Filter: { Prefix: "" },
    NoncurrentVersionExpiration: { NoncurrentDays: 90, NewerNoncurrentVersions: 20 },
    Expiration: { ExpiredObjectDeleteMarker: true },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
  },
];

function tags(environment: Environment, region: string): { Key: string; Value: string }[] {
  return Object.entries({ environment: environment.name, region, "managed-by": "edge-fleet" }).map(([Key, Value]) => ({ Key, Value }));
}

function tlsOnlyPolicy(bucket: string, region: string): object {
  const arn = `arn:${partitionOf(region) ?? "aws"}:s3:::${bucket}`;
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}
