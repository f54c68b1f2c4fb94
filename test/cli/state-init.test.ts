import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { findEnvironment } from "../../cli/environments.ts";
import { objectExists } from "../../cli/objects.ts";
import { deleteState, initState } from "../../cli/state-init.ts";
import type { Environment } from "../../config/schema.ts";
import { emulatorClients } from "./support/emulator.ts";
import { temporaryFolder } from "./support/folders.ts";

// Names of its own: the emulator is shared with other tests.
const environment: Environment = { ...findEnvironment("sandbox"), name: "stateinit" };
const bucket = "stateinit-us-east-1-state-000000000000";

test("the bucket is made as it should be; twice changes nothing and keeps what is in it", async () => {
  const { s3 } = await emulatorClients();
  expect(await initState(s3, environment)).toBe("made");
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "stateinit/base/us-east-1.tfstate", Body: "{}" }));
  expect(await initState(s3, environment)).toBe("there");
  expect(await objectExists(s3, bucket, "stateinit/base/us-east-1.tfstate")).toBe(true);

  const Bucket = bucket;
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe("Enabled");
  expect((await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration).toEqual({
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  });
  const encryption = (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration;
  expect(encryption?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe("AES256");
  const [rule] = (await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules ?? [];
  expect(rule).toMatchObject({ Status: "Enabled", NoncurrentVersionExpiration: { NoncurrentDays: 90 } });
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  expect(JSON.parse(Policy ?? "")).toMatchObject({
    Statement: [{ Effect: "Deny", Action: "s3:*", Condition: { Bool: { "aws:SecureTransport": "false" } } }],
  });

  await deleteState(s3, environment);
  expect(await objectExists(s3, bucket, "stateinit/base/us-east-1.tfstate")).toBe(false);
  await deleteState(s3, environment); // Gone already.
});

test("a local folder is made for its owner only", async () => {
  const { s3 } = await emulatorClients();
  const folder = join(temporaryFolder(), "states");
  const local: Environment = { ...environment, state: { kind: "local", folder } };
  expect(await initState(s3, local)).toBe("made");
  expect(existsSync(folder) && (statSync(folder).mode & 0o777).toString(8)).toBe("700");
  expect(await initState(s3, local)).toBe("there");
});
