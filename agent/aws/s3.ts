import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { InstanceCredentials } from "./metadata.ts";

export interface StoredObject {
  readonly key: string;
  /** Without the quotes of the HTTP header. */
  readonly etag: string;
}

/** Somebody else wrote the object since it was read. */
export class WriteConflict extends Error {}

/** The region's artefact bucket: the calls the agent makes. */
export interface ObjectStore {
  list(prefix: string): Promise<readonly StoredObject[]>;
  /** Text of an object; undefined when there is none, "unchanged" when it still has the ETag `unless`. */
  read(key: string, unless?: string): Promise<{ readonly text: string; readonly etag: string } | "unchanged" | undefined>;
  etag(key: string): Promise<string | undefined>;
  /** Writes JSON and returns its ETag. With `expected`, only over that ETag, or `"absent"`; else throws WriteConflict. */
  write(key: string, text: string, expected?: string): Promise<string>;
  /** Streams exactly the version with this ETag into a new file; false when it is not there (any more). */
  download(key: string, etag: string, file: string): Promise<boolean>;
  /** URLs that stand for one call each, valid for `seconds`. */
  presignRead(key: string, seconds: number): Promise<string>;
  presignWrite(key: string, seconds: number): Promise<string>;
}

export interface S3StoreOptions {
  readonly bucket: string;
  readonly region: string;
  /** Asked again before they expire. */
  readonly credentials: () => Promise<Pick<InstanceCredentials, "accessKeyId" | "secretAccessKey"> & Partial<InstanceCredentials>>;
  /** Default: the SDK's, which `AWS_ENDPOINT_URL` may name. */
  readonly endpoint?: string;
}

export function s3Store({ bucket, region, credentials, endpoint }: S3StoreOptions): ObjectStore {
  const client = new S3Client({
    region,
    credentials,
    ...(endpoint === undefined ? {} : { endpoint }),
    // Path style works on AWS as well, and needs no wildcard name for an endpoint of one's own.
    forcePathStyle: true,
    maxAttempts: 3,
    // A presigned PUT with a checksum header would bind the writer to the SDK's algorithm.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 20_000 },
  });
  const at = (key: string) => ({ Bucket: bucket, Key: key });

  return {
    async list(prefix) {
      const objects: StoredObject[] = [];
      let token: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...(token === undefined ? {} : { ContinuationToken: token }) }),
        );
        for (const { Key, ETag } of page.Contents ?? []) {
          if (Key !== undefined && ETag !== undefined) objects.push({ key: Key, etag: bare(ETag) });
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return objects;
    },
    async read(key, unless) {
      try {
        const answer = await client.send(
          new GetObjectCommand({ ...at(key), ...(unless === undefined ? {} : { IfNoneMatch: quoted(unless) }) }),
        );
        return { text: (await answer.Body?.transformToString()) ?? "", etag: bare(answer.ETag) };
      } catch (error) {
        if (statusOf(error) === 304) return "unchanged";
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    },
    async etag(key) {
      try {
        return bare((await client.send(new HeadObjectCommand(at(key)))).ETag);
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    },
    async write(key, text, expected) {
      const condition = expected === undefined ? {} : expected === "absent" ? { IfNoneMatch: "*" } : { IfMatch: quoted(expected) };
      try {
        const answer = await client.send(new PutObjectCommand({ ...at(key), ...condition, Body: text, ContentType: "application/json" }));
        return bare(answer.ETag);
      } catch (error) {
        // 404: the object to be replaced was deleted; 409: two conditional writes at one time.
        if ([404, 409, 412].includes(statusOf(error) ?? 0) && expected !== undefined) throw new WriteConflict(`${key}: written by another`);
        throw error;
      }
    },
    async download(key, etag, file) {
      try {
        const answer = await client.send(new GetObjectCommand({ ...at(key), IfMatch: quoted(etag) }));
        if (!(answer.Body instanceof Readable)) throw new Error(`${key}: got no body`);
        const out = createWriteStream(file, { flags: "wx", mode: 0o644 });
        await pipeline(answer.Body, out);
        if (answer.ContentLength !== undefined && out.bytesWritten !== answer.ContentLength) {
          throw new Error(`${key}: download ended early, got ${out.bytesWritten} bytes; expected ${answer.ContentLength}`);
        }
        return true;
      } catch (error) {
        if ([404, 412].includes(statusOf(error) ?? 0)) return false;
        throw error;
      }
    },
    presignRead: (key, seconds) => getSignedUrl(client, new GetObjectCommand(at(key)), { expiresIn: seconds }),
    presignWrite: (key, seconds) => getSignedUrl(client, new PutObjectCommand(at(key)), { expiresIn: seconds }),
  };
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function bare(etag: string | undefined): string {
  if (etag === undefined) throw new Error("object store: answer without an ETag");
  return etag.replace(/^(?:W\/)?"(.*)"$/, "$1");
}

const quoted = (etag: string): string => `"${etag}"`;
