import { existsSync, readFileSync } from "node:fs";
import { DeleteObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { readObject } from "../objects.ts";
import { isRunning, type RunRecord } from "./run.ts";
import type { Backend } from "./stacks.ts";

const lockSchema = z.object({
  ID: z.string(),
  Operation: z.string(),
  Who: z.string(),
  Created: z.string(),
});
export type StateLock = z.output<typeof lockSchema>;

/** Who holds a state in S3, if anybody. A state in a local file is locked by the kernel, which frees it by itself. */
export async function readStateLock(s3: S3Client, backend: Backend): Promise<StateLock | undefined> {
  if (backend.kind !== "s3") return undefined;
  const stored = await readObject(s3, backend.bucket, lockKey(backend));
  return stored === undefined ? undefined : lockSchema.parse(JSON.parse(stored.text));
}

/**
 * Removes the lock that a dead run left. It must be that run's own: Terraform writes the id of the lock it takes into its
 * log before it takes it, and host, pid and start time in the record say that nobody of that run lives.
 */
export async function removeDeadLock(s3: S3Client, backend: Backend, stack: string, record: RunRecord | undefined): Promise<boolean> {
  const lock = await readStateLock(s3, backend);
  if (lock === undefined || backend.kind !== "s3") return false;
  if (record === undefined || isRunning(record) || !tookLock(record, lock.ID)) throw lockedBy(stack, lock);
  await s3.send(new DeleteObjectCommand({ Bucket: backend.bucket, Key: lockKey(backend) }));
  return true;
}

export function lockedBy(stack: string, lock: StateLock): UserError {
  return new UserError(
    `state of ${stack}: locked, got ${lock.Who} (${lock.Operation}, lock ${lock.ID}) since ${lock.Created}; expected nobody`,
    `Wait until that run ends. If it is dead for sure: \`terraform -chdir=cdktf.out/stacks/${stack} force-unlock ${lock.ID}\`, then run this command again`,
  );
}

function tookLock(record: RunRecord, id: string): boolean {
  if (!existsSync(record.coreLogFile)) return false;
  return readFileSync(record.coreLogFile, "utf8").includes(`tf_backend.lock.id=${id}`);
}

function lockKey(backend: { readonly key: string }): string {
  return `${backend.key}.tflock`;
}
