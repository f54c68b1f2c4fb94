import { DeleteObjectsCommand, ListObjectVersionsCommand, type ObjectIdentifier, type S3Client } from "@aws-sdk/client-s3";

/** Deletes every version of every object below `prefix`, which is all of them where none is given. */
export async function emptyBucket(s3: S3Client, bucket: string, prefix = ""): Promise<number> {
  let count = 0;
  for (;;) {
    // Always the first page: what it lists is gone when it is asked for again.
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix }));
    const objects: ObjectIdentifier[] = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({
      Key,
      VersionId,
    }));
    if (objects.length === 0) return count;
    const { Errors } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }));
    const [first] = Errors ?? [];
    if (first !== undefined) throw new Error(`s3://${bucket}/${first.Key}: not deleted, got ${first.Code} ${first.Message}`);
    count += objects.length;
  }
}
