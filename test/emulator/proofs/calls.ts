import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { Emulator } from "../../../sandbox/emulator/emulator.ts";
import { clientSettings, uniqueName } from "../../support/emulator.ts";
import { type Proofs, status } from "./proof.ts";

const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

/** Keys of a user with one permission. */
async function limitedUser(emulator: Emulator, statement: object) {
  const iam = new IAMClient(clientSettings(emulator));
  const UserName = uniqueName("user");
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "policy", PolicyDocument: document(statement) }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
}

async function newBucket(emulator: Emulator) {
  const s3 = new S3Client(clientSettings(emulator));
  const Bucket = uniqueName("bucket");
  await s3.send(new CreateBucketCommand({ Bucket }));
  return { s3, Bucket };
}

function* pieces(piece: Buffer, count: number): Generator<Buffer> {
  for (let index = 0; index < count; index++) yield piece;
}

/** Of the emulator's process: unlike the clock it does not count what else the machine does. */
function cpuSeconds(emulator: Emulator): number {
  const fields = readFileSync(`/proc/${emulator.process.pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  // Fields 14 and 15, in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Fixes of how calls are judged, received and served. */
export const callProofs: Proofs = {
  access_control: {
    "a `?` in a secret's name": {
      observe: async (emulator) => {
        const Name = uniqueName("secret");
        await new SecretsManagerClient(clientSettings(emulator)).send(new CreateSecretCommand({ Name, SecretString: "value" }));
        const Resource = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${Name}-??????`;
        const keys = await limitedUser(emulator, { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource });
        return status(new SecretsManagerClient(clientSettings(emulator, keys)).send(new GetSecretValueCommand({ SecretId: Name })));
      },
      stock: 500,
      fixed: 200,
    },
    "a presigned URL": {
      observe: async (emulator) => {
        const { s3, Bucket } = await newBucket(emulator);
        return (await fetch(await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "key" })), { method: "PUT", body: "text" })).status;
      },
      stock: 500,
      fixed: 200,
    },
    "a TLS-only bucket": {
      observe: async (emulator) => {
        const { s3, Bucket } = await newBucket(emulator);
        await s3.send(new PutObjectCommand({ Bucket, Key: "key", Body: "text" }));
        const tls = {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: `arn:aws:s3:::${Bucket}/*`,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        };
        await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: document(tls) }));
        return status(s3.send(new PutObjectCommand({ Bucket, Key: "key", Body: "text" })));
      },
      stock: 403,
      fixed: 200,
    },
  },
  chunked_upload: {
    "an upload in small chunks": {
      observe: async (emulator) => {
        const { s3, Bucket } = await newBucket(emulator);
        const piece = Buffer.alloc(8192, "x");
        const count = 1500;
        const before = cpuSeconds(emulator);
        await s3.send(
          new PutObjectCommand({ Bucket, Key: "key", Body: Readable.from(pieces(piece, count)), ContentLength: piece.length * count }),
        );
        return cpuSeconds(emulator) - before > 0.7 ? "slow" : "fast";
      },
      stock: "slow",
      fixed: "fast",
    },
  },
  one_at_a_time: {
    "winners of a conditional write": {
      observe: async (emulator) => {
        const { s3, Bucket } = await newBucket(emulator);
        const Body = Buffer.alloc(8_000_000, "x");
        for (let round = 0; round < 30; round++) {
          const write = () => s3.send(new PutObjectCommand({ Bucket, Key: `key-${round}`, Body, IfNoneMatch: "*" }));
          const results = await Promise.allSettled(Array.from({ length: 5 }, write));
          if (results.filter(({ status }) => status === "fulfilled").length !== 1) return "several";
        }
        return "one";
      },
      stock: "several",
      fixed: "one",
    },
  },
};
