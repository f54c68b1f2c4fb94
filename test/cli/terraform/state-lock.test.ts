import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import type { AwsClients } from "../../../cli/aws.ts";
import { objectExists } from "../../../cli/objects.ts";
import { identify } from "../../../cli/processes/identity.ts";
import type { RunRecord } from "../../../cli/terraform/run.ts";
import type { Backend } from "../../../cli/terraform/stacks.ts";
import { readStateLock, removeDeadLock } from "../../../cli/terraform/state-lock.ts";
import { emulatorClients, newBucket } from "../support/emulator.ts";
import { temporaryFolder } from "../support/folders.ts";
import { idleProcess, killed, pidOf } from "../support/processes.ts";

const stack = "sandbox-base-us-east-1";
const lockId = "54822579-83d9-9d9b-1115-f46113312697";
const created = "2026-11-20T21:58:38.771Z";

interface Locked {
  readonly clients: AwsClients;
  readonly backend: Backend;
  readonly key: string;
  readonly bucket: string;
}

/** A bucket with the lock of a run, as Terraform 1.11 writes it. */
async function locked(): Promise<Locked> {
  const clients = await emulatorClients();
  const bucket = await newBucket(clients, "lock");
  const key = "sandbox/base/us-east-1.tfstate";
  const lock = {
    ID: lockId,
    Operation: "OperationTypeApply",
    Info: "",
    Who: "root@vm",
    Version: "1.11.4",
    Created: created,
    Path: `${bucket}/${key}`,
  };
  await clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${key}.tflock`, Body: JSON.stringify(lock) }));
  return { clients, bucket, key, backend: { kind: "s3", bucket, key, region: "us-east-1" } };
}

/** The record of a run that a process leads, with what Terraform logged about its lock. */
function recordOf(pid: number, logged: string): RunRecord {
  const folder = temporaryFolder();
  const leader = identify(pid);
  if (leader === undefined) throw new Error("no process");
  const file = (name: string): string => join(folder, name);
  writeFileSync(
    file("core.log"),
    `[INFO]  backend-s3: Locked remote state (S3 Native only): tf_backend.lock.id=${logged} tf_backend.lock.who=root@vm\n`,
  );
  return {
    id: "run",
    stack,
    operation: "apply",
    leader,
    command: ["terraform", "apply"],
    startedAt: created,
    configHash: "hash",
    logFile: file("log"),
    coreLogFile: file("core.log"),
    exitFile: file("exit"),
  };
}

const refusal = `state of ${stack}: locked, got root@vm (OperationTypeApply, lock ${lockId}) since ${created}; expected nobody. Wait until that run ends. If it is dead for sure: \`terraform -chdir=cdktf.out/stacks/${stack} force-unlock ${lockId}\`, then run this command again.`;

test("the lock of our own dead run is removed, once", async () => {
  const { clients, backend, bucket, key } = await locked();
  const child = idleProcess();
  const record = recordOf(pidOf(child), lockId);
  await killed(child);
  expect(await removeDeadLock(clients.s3, backend, stack, record)).toBe(true);
  expect(await objectExists(clients.s3, bucket, `${key}.tflock`)).toBe(false);
  expect(await readStateLock(clients.s3, backend)).toBeUndefined();
  expect(await removeDeadLock(clients.s3, backend, stack, record)).toBe(false);
});

test.each([
  ["our own run that lives", async () => recordOf(pidOf(idleProcess()), lockId)],
  [
    "a run that took another lock",
    async () => {
      const child = idleProcess();
      const record = recordOf(pidOf(child), "00000000-0000-0000-0000-000000000000");
      await killed(child);
      return record;
    },
  ],
  ["nobody we know", async () => undefined],
])("the lock stays when the record is of %s", async (_, makeRecord) => {
  const { clients, backend, bucket, key } = await locked();
  await expect(removeDeadLock(clients.s3, backend, stack, await makeRecord())).rejects.toThrow(refusal);
  expect(await objectExists(clients.s3, bucket, `${key}.tflock`)).toBe(true);
});

test("a run of another host is never taken for dead", async () => {
  const { clients, backend } = await locked();
  const child = idleProcess();
  const record = recordOf(pidOf(child), lockId);
  await killed(child);
  const elsewhere = { ...record, leader: { ...record.leader, host: "elsewhere" } };
  await expect(removeDeadLock(clients.s3, backend, stack, elsewhere)).rejects.toThrow(refusal);
});
