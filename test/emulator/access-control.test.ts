import {
  CreatePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { beforeAll, describe, expect, it } from "vitest";
import { machineCalls, readCalls } from "../../sandbox/emulator/calls.ts";
import type { Emulator } from "../../sandbox/emulator/emulator.ts";
import { clientSettings, uniqueName, withEmulator } from "../support/emulator.ts";

const ec2Trust = { Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }] };
const text = (document: object): string => JSON.stringify({ Version: "2012-10-17", ...document });

let emulator: Emulator;
beforeAll(async () => {
  emulator = await withEmulator();
}, 120_000);

/** A role that EC2 may assume, with one policy, and the credentials that a machine would get for it. */
async function machineRole(policy: object) {
  const iam = new IAMClient(clientSettings(emulator));
  const RoleName = uniqueName("role");
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: text(ec2Trust) }));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "policy", PolicyDocument: text(policy) }));
  const sts = new STSClient(clientSettings(emulator, emulator.region));
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: "i-0123456789" }));
  if (Credentials?.AccessKeyId === undefined || Credentials.SecretAccessKey === undefined) throw new Error("no credentials");
  return {
    name: RoleName,
    arn: Role?.Arn,
    credentials: {
      accessKeyId: Credentials.AccessKeyId,
      secretAccessKey: Credentials.SecretAccessKey,
      sessionToken: Credentials.SessionToken ?? "",
    },
  };
}

describe("access control", () => {
  it("knows the deployer", async () => {
    const identity = await new STSClient(clientSettings(emulator)).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe("arn:aws:iam::000000000000:user/deployer");
  });

  it("refuses made-up keys and a wrong secret", async () => {
    const madeUp = new STSClient(clientSettings(emulator, { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x" }));
    await expect(madeUp.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    const wrong = new STSClient(clientSettings(emulator, { ...emulator.deployer, secretAccessKey: "x" }));
    await expect(wrong.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
  });

  it("lets EC2 assume a role that trusts it, and nobody else", async () => {
    const role = await machineRole({ Statement: [{ Effect: "Allow", Action: "ec2:DescribeInstances", Resource: "*" }] });
    const deployer = new STSClient(clientSettings(emulator));
    await expect(deployer.send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: "me" }))).rejects.toMatchObject({
      name: "AccessDenied",
    });
  });

  it("judges a role by prefixes of a bucket", async () => {
    const bucket = uniqueName("bucket");
    const s3 = new S3Client(clientSettings(emulator));
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const Key of ["bundles/a", "secret/a"]) await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "text" }));
    const { credentials, name } = await machineRole({
      Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/bundles/*` }],
    });
    const machine = new S3Client(clientSettings(emulator, credentials));
    const read = async (Key: string) => (await machine.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body?.transformToString();
    expect(await read("bundles/a")).toBe("text");
    await expect(read("secret/a")).rejects.toMatchObject({ name: "AccessDenied", $metadata: { httpStatusCode: 403 } });
    await expect(machine.send(new PutObjectCommand({ Bucket: bucket, Key: "bundles/a", Body: "other" }))).rejects.toMatchObject({
      name: "AccessDenied",
    });
    await expect(machine.send(new ListObjectsV2Command({ Bucket: bucket }))).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(machine.send(new HeadObjectCommand({ Bucket: bucket, Key: "secret/a" }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    expect(machineCalls(readCalls(emulator.callsFile)).filter(({ principal }) => principal === `role/${name}`)).toMatchObject([
      { action: "s3:GetObject", resource: `arn:aws:s3:::${bucket}/bundles/a`, allowed: true },
      { action: "s3:GetObject", resource: `arn:aws:s3:::${bucket}/secret/a`, allowed: false },
      { action: "s3:PutObject", allowed: false },
      { action: "s3:ListBucket", resource: `arn:aws:s3:::${bucket}`, allowed: false },
      { action: "s3:GetObject", allowed: false },
    ]);
  });

  it("tells of a missing object only who may list the bucket", async () => {
    const bucket = uniqueName("bucket");
    await new S3Client(clientSettings(emulator)).send(new CreateBucketCommand({ Bucket: bucket }));
    const reader = { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/*` };
    const blind = new S3Client(clientSettings(emulator, (await machineRole({ Statement: [reader] })).credentials));
    await expect(blind.send(new GetObjectCommand({ Bucket: bucket, Key: "no" }))).rejects.toMatchObject({ name: "AccessDenied" });
    const lister = { Effect: "Allow", Action: "s3:ListBucket", Resource: `arn:aws:s3:::${bucket}` };
    const seeing = new S3Client(clientSettings(emulator, (await machineRole({ Statement: [reader, lister] })).credentials));
    await expect(seeing.send(new GetObjectCommand({ Bucket: bucket, Key: "no" }))).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it("judges a secret by its name with a wildcard for the suffix", async () => {
    const names = [uniqueName("secret"), uniqueName("secret")];
    const deployer = new SecretsManagerClient(clientSettings(emulator));
    for (const Name of names) await deployer.send(new CreateSecretCommand({ Name, SecretString: "value" }));
    const { credentials } = await machineRole({
      Statement: [
        {
          Effect: "Allow",
          Action: "secretsmanager:GetSecretValue",
          Resource: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${names[0]}-??????`,
        },
      ],
    });
    const machine = new SecretsManagerClient(clientSettings(emulator, credentials));
    expect((await machine.send(new GetSecretValueCommand({ SecretId: names[0] }))).SecretString).toBe("value");
    await expect(machine.send(new GetSecretValueCommand({ SecretId: names[1] }))).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("lists for a role only below the prefix that its condition names", async () => {
    const bucket = uniqueName("bucket");
    await new S3Client(clientSettings(emulator)).send(new CreateBucketCommand({ Bucket: bucket }));
    const { credentials } = await machineRole({
      Statement: [
        {
          Effect: "Allow",
          Action: "s3:ListBucket",
          Resource: `arn:aws:s3:::${bucket}`,
          Condition: { StringLike: { "s3:prefix": ["apps/*"] } },
        },
      ],
    });
    const machine = new S3Client(clientSettings(emulator, credentials));
    expect((await machine.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "apps/a" }))).KeyCount).toBe(0);
    await expect(machine.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "secret" }))).rejects.toMatchObject({
      name: "AccessDenied",
    });
    await expect(machine.send(new ListObjectsV2Command({ Bucket: bucket }))).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("asks for the key of an encrypted object, and for its policy's consent", async () => {
    const Bucket = uniqueName("bucket");
    const s3 = new S3Client(clientSettings(emulator));
    await s3.send(new CreateBucketCommand({ Bucket }));
    const kms = new KMSClient(clientSettings(emulator));
    const key = (await kms.send(new CreateKeyCommand({}))).KeyMetadata;
    await s3.send(new PutObjectCommand({ Bucket, Key: "key", Body: "text", ServerSideEncryption: "aws:kms", SSEKMSKeyId: key?.Arn }));
    const object = { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` };
    const decrypt = { Effect: "Allow", Action: "kms:Decrypt", Resource: key?.Arn };
    const read = async (...Statement: object[]) => {
      const machine = new S3Client(clientSettings(emulator, (await machineRole({ Statement })).credentials));
      return (await machine.send(new GetObjectCommand({ Bucket, Key: "key" }))).Body?.transformToString();
    };
    expect(await read(object, decrypt)).toBe("text");
    await expect(read(object)).rejects.toMatchObject({ message: expect.stringContaining("kms:Decrypt") });
    const nobody = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::000000000000:user/deployer" }, Action: "kms:*", Resource: "*" };
    await kms.send(new PutKeyPolicyCommand({ KeyId: key?.KeyId, PolicyName: "default", Policy: text({ Statement: [nobody] }) }));
    await expect(read(object, decrypt)).rejects.toMatchObject({
      message: expect.stringContaining("no resource-based policy allows the kms:Decrypt action"),
    });
  });

  it("lets no presigned URL do more than its signer may", async () => {
    const Bucket = uniqueName("bucket");
    await new S3Client(clientSettings(emulator)).send(new CreateBucketCommand({ Bucket }));
    const { credentials } = await machineRole({
      Statement: [{ Effect: "Allow", Action: "s3:PutObject", Resource: `arn:aws:s3:::${Bucket}/compiled/*` }],
    });
    const machine = new S3Client(clientSettings(emulator, credentials));
    const upload = async (Key: string) =>
      (await fetch(await getSignedUrl(machine, new PutObjectCommand({ Bucket, Key })), { method: "PUT", body: "x" })).status;
    expect([await upload("compiled/a"), await upload("apps/a")]).toEqual([200, 403]);
  });

  it("keeps a role within its permissions boundary", async () => {
    const Bucket = uniqueName("bucket");
    await new S3Client(clientSettings(emulator)).send(new CreateBucketCommand({ Bucket }));
    const iam = new IAMClient(clientSettings(emulator));
    const { name, credentials } = await machineRole({ Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] });
    const boundary = { Statement: [{ Effect: "Allow", Action: "s3:ListBucket", Resource: "*" }] };
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: uniqueName("boundary"), PolicyDocument: text(boundary) }));
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: name, PermissionsBoundary: Policy?.Arn }));
    const machine = new S3Client(clientSettings(emulator, credentials));
    await machine.send(new ListObjectsV2Command({ Bucket }));
    await expect(machine.send(new PutObjectCommand({ Bucket, Key: "key", Body: "x" }))).rejects.toMatchObject({
      message: expect.stringContaining("permissions boundary"),
    });
  });
});
