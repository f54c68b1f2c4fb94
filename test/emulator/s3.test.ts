import { Readable } from "node:stream";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Emulator } from "../../sandbox/emulator/emulator.ts";
import { clientSettings, uniqueName, withEmulator } from "../support/emulator.ts";

let emulator: Emulator;
let s3: S3Client;
let Bucket: string;
beforeAll(async () => {
  emulator = await withEmulator();
  s3 = new S3Client(clientSettings(emulator));
}, 120_000);
beforeEach(async () => {
  Bucket = uniqueName("bucket");
  await s3.send(new CreateBucketCommand({ Bucket }));
});

const put = (Key: string, Body: string, conditions: { IfNoneMatch?: string; IfMatch?: string } = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...conditions }));
const read = async (Key: string) => (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

describe("emulated S3", () => {
  it("lets one of many first writers win", async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => put("lock", `writer ${index}`, { IfNoneMatch: "*" })),
    );
    const won = results.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []));
    expect(won).toHaveLength(1);
    expect(await read("lock")).toBe(`writer ${won[0]}`);
    for (const result of results)
      if (result.status === "rejected")
        expect(result.reason).toMatchObject({ name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } });
  });

  it("replaces only the version that the writer has seen", async () => {
    const { ETag } = await put("key", "one");
    await put("key", "two", { IfMatch: ETag ?? "" });
    await expect(put("key", "three", { IfMatch: ETag ?? "" })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(put("missing", "one", { IfMatch: ETag ?? "" })).rejects.toMatchObject({ name: "NoSuchKey" });
    expect(await read("key")).toBe("two");
  });

  it("answers 304 to who has the object already", async () => {
    const { ETag } = await put("key", "one");
    const again = s3.send(new GetObjectCommand({ Bucket, Key: "key", IfNoneMatch: ETag }));
    await expect(again).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await put("key", "two");
    expect((await s3.send(new GetObjectCommand({ Bucket, Key: "key", IfNoneMatch: ETag }))).ETag).not.toBe(ETag);
  });

  it("lists by prefix, page by page", async () => {
    for (const Key of ["apps/a/app.json", "apps/a/release.json", "apps/b/app.json", "other"]) await put(Key, Key);
    const first = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "apps/", MaxKeys: 2 }));
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(["apps/a/app.json", "apps/a/release.json"]);
    const second = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "apps/", ContinuationToken: first.NextContinuationToken }));
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(["apps/b/app.json"]);
    const folders = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "apps/", Delimiter: "/" }));
    expect(folders.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(["apps/a/", "apps/b/"]);
  });

  it("keeps old versions where the bucket says so", async () => {
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    const { VersionId } = await put("key", "one");
    await put("key", "two");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "key" }));
    await expect(read("key")).rejects.toMatchObject({ name: "NoSuchKey" });
    expect(await (await s3.send(new GetObjectCommand({ Bucket, Key: "key", VersionId }))).Body?.transformToString()).toBe("one");
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])].map((one) => ({
      Key: one.Key,
      VersionId: one.VersionId,
    }));
    expect(Objects).toHaveLength(3);
    expect((await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))).Errors ?? []).toEqual([]);
    expect((await s3.send(new ListObjectVersionsCommand({ Bucket }))).Versions).toBeUndefined();
  });

  it("serves presigned URLs until they expire, and not when changed", async () => {
    const upload = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "compiled/a" }), { expiresIn: 60 });
    expect((await fetch(upload, { method: "PUT", body: "native code" })).status).toBe(200);
    const download = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "compiled/a" }), { expiresIn: 60 });
    expect(await (await fetch(download)).text()).toBe("native code");

    expect((await fetch(download.replace("compiled/a", "compiled/b"))).status).toBe(403);
    expect((await fetch(download, { method: "PUT", body: "other" })).status).toBe(403);
    const signingDate = new Date(Date.now() - 120_000);
    const expired = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "compiled/a" }), { expiresIn: 60, signingDate });
    const answer = await fetch(expired);
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining("<Message>Request has expired</Message>")]);
  });

  it("refuses who does not sign, unless the bucket lets everybody in", async () => {
    await put("key", "text");
    const url = `${emulator.endpoint}/${Bucket}/key`;
    expect((await fetch(url)).status).toBe(403);
    const statement = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` };
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }) }));
    expect(await (await fetch(url)).text()).toBe("text");
  });

  it("takes streams in chunks as well as whole bodies", async () => {
    const bytes = Buffer.alloc(3_000_000, "abcdefg\r\n");
    const chunks = Array.from({ length: 30 }, (_, index) => bytes.subarray(index * 100_000, (index + 1) * 100_000));
    await s3.send(new PutObjectCommand({ Bucket, Key: "stream", Body: Readable.from(chunks), ContentLength: bytes.length }));
    const stored = await (await s3.send(new GetObjectCommand({ Bucket, Key: "stream" }))).Body?.transformToByteArray();
    expect(Buffer.compare(Buffer.from(stored ?? []), bytes)).toBe(0);
  });

  it("evaluates the conditions of a bucket's policy: its endpoint counts as TLS", async () => {
    const deny = (condition: object) => ({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
          Condition: condition,
        },
      ],
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(deny({ Bool: { "aws:SecureTransport": "false" } })) }));
    await put("key", "text");
    expect(await read("key")).toBe("text");
    const other = { ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::000000000000:role/nobody" } };
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(deny(other)) }));
    await expect(read("key")).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("explicit deny in a resource-based policy"),
    });
    await expect(s3.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({ name: "AccessDenied" });
  });
});
