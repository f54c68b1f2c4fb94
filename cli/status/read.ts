import type { S3Client } from "@aws-sdk/client-s3";
import type { AppIndex, StatusDocument } from "../../constructs/core/app.ts";
import { artefactKeys } from "../../constructs/core/artefacts.ts";
import { readObject } from "../objects.ts";

/** The leader writes it every 15 s at least; twice that and some for a change of leaders. */
export const freshMs = 45_000;

export async function readStatus(s3: S3Client, bucket: string): Promise<StatusDocument | undefined> {
  const stored = await readObject(s3, bucket, artefactKeys.status);
  return stored === undefined ? undefined : (JSON.parse(stored.text) as StatusDocument);
}

export async function readIndex(s3: S3Client, bucket: string): Promise<AppIndex | undefined> {
  const stored = await readObject(s3, bucket, artefactKeys.index);
  return stored === undefined ? undefined : (JSON.parse(stored.text) as AppIndex);
}
