import type { S3Client } from "@aws-sdk/client-s3";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { type Release, type ReleaseDocument, releaseHistoryLength } from "../../constructs/core/app.ts";
import { artefactKeys } from "../../constructs/core/artefacts.ts";
import { awsErrorName, awsStatus } from "../aws.ts";
import { UserError } from "../errors.ts";
import { readObject } from "../objects.ts";

/** A release document with the ETag that a conditional write needs. */
export interface StoredReleases {
  readonly document: ReleaseDocument;
  readonly etag: string;
}

export async function readReleases(s3: S3Client, bucket: string, app: string): Promise<StoredReleases | undefined> {
  const stored = await readObject(s3, bucket, artefactKeys.release(app));
  return stored === undefined ? undefined : { document: JSON.parse(stored.text) as ReleaseDocument, etag: stored.etag };
}

/** The document after `release`: the one so far becomes history. The same component again changes nothing. */
export function withRelease(before: ReleaseDocument | undefined, release: Release): ReleaseDocument {
  if (before === undefined) return { current: release, history: [] };
  if (before.current.component === release.component) return before;
  return { current: release, history: [before.current, ...before.history].slice(0, releaseHistoryLength) };
}

const conflictTries = 5;

/**
 * Makes `release` the current one, if nobody else released since `before` was read: then it refuses, because the caller
 * has not seen what it would replace.
 */
export async function writeRelease(
  s3: S3Client,
  bucket: string,
  app: string,
  before: StoredReleases | undefined,
  release: Release,
): Promise<"written" | "unchanged"> {
  const document = withRelease(before?.document, release);
  if (document === before?.document) return "unchanged";
  const condition = before === undefined ? { IfNoneMatch: "*" } : { IfMatch: before.etag };
  for (let tries = 1; ; tries++) {
    try {
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: artefactKeys.release(app),
          Body: JSON.stringify(document, null, 2),
          ContentType: "application/json",
          ...condition,
        }),
      );
      return "written";
    } catch (error) {
      // 409: another write is under way and may yet fail. 412: another one is done.
      if (awsErrorName(error) === "ConditionalRequestConflict" && tries < conflictTries) continue;
      if (awsStatus(error) !== 412 && awsStatus(error) !== 409) throw error;
      const now = (await readReleases(s3, bucket, app))?.document.current;
      if (now?.component === release.component) return "unchanged";
      throw new UserError(
        `app ${app}: released by somebody else meanwhile, got ${now?.component.slice(0, 12)} by ${now?.releasedBy} at ${now?.releasedAt}; expected ${before?.document.current.component.slice(0, 12) ?? "no release"}`,
        `Look at it with \`fleet app history ${app}\`, then run this command again if yours shall replace it`,
        { cause: error },
      );
    }
  }
}
