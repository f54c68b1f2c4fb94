import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { awsErrorName, awsStatus } from "./aws.ts";

export interface StoredText {
  readonly text: string;
  readonly etag: string;
}

/** The object's text, or undefined where there is none (or no bucket). */
export async function readObject(s3: S3Client, bucket: string, key: string): Promise<StoredText | undefined> {
  try {
    const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return { text: (await Body?.transformToString()) ?? "", etag: ETag ?? "" };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export async function objectExists(s3: S3Client, bucket: string, key: string): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return ["NoSuchKey", "NoSuchBucket", "NotFound"].includes(awsErrorName(error) ?? "") || awsStatus(error) === 404;
}
