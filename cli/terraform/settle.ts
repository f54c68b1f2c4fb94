import { hostname } from "node:os";
import type { S3Client } from "@aws-sdk/client-s3";
import type { AwsClients } from "../aws.ts";
import { UserError } from "../errors.ts";
import type { StateFolders } from "../folders.ts";
import { followRun } from "./operation.ts";
import { deleteOrphans, findOrphans, importErrors } from "./orphans/orphans.ts";
import { exitCode, forgetRecord, isRunning, killLeftProviders, readRecord } from "./run.ts";
import type { Stack } from "./stacks.ts";
import { readState } from "./state-file.ts";
import { removeDeadLock } from "./state-lock.ts";

export interface SettleProps {
  readonly environment: string;
  /** Orphans may be deleted: nothing but an emulated account can lose anything by it. */
  readonly deletesOrphans: boolean;
  readonly folders: StateFolders;
  /** Of the stack's region. */
  readonly clients: AwsClients;
  /** Of the state bucket's region. */
  readonly stateS3: S3Client;
  readonly say: (text: string) => void;
}

/** `applied`: an earlier run ended while we waited for it, and what it applied is what is declared now. */
export type Settled = "ready" | "applied";

/** Brings to an end what an earlier `fleet` began on this stack: waits for its Terraform, or clears up after a killed one. */
export async function settle(stack: Stack, props: SettleProps): Promise<Settled> {
  const { folders, clients, stateS3, say, environment } = props;
  const record = readRecord(folders, stack.name);
  if (record === undefined) return "ready";
  if (record.leader.host !== hostname()) {
    throw new UserError(
      `${stack.name}: \`terraform ${record.operation}\` was started on another machine, got ${record.leader.host} (${record.startedAt}); expected ${hostname()}`,
      `Run this command there; if that machine is gone, remove ${folders.runs}/${stack.name}.json and run this command again`,
    );
  }
  const waited = isRunning(record);
  if (waited) {
    say(`waits for \`terraform ${record.operation}\` of an earlier run (pid ${record.leader.pid}, since ${record.startedAt})`);
    await followRun(record, say);
  }
  const code = exitCode(record);
  if (code !== undefined && code <= 128) {
    return waited && code === 0 && record.operation === "apply" && record.configHash === stack.configHash ? "applied" : "ready";
  }
  killLeftProviders(record);
  if (await removeDeadLock(stateS3, stack.backend, stack.name, record)) {
    say(`freed the state: the run of ${record.startedAt} (pid ${record.leader.pid}) is dead`);
  }
  if (record.operation === "apply") {
    const state = await readState(stateS3, stack.backend);
    const orphans = await findOrphans(clients, environment, stack, state);
    if (orphans.length > 0 && !props.deletesOrphans) throw importErrors(stack, state, orphans);
    await deleteOrphans(clients, orphans, say);
  }
  forgetRecord(folders, stack.name);
  return "ready";
}
