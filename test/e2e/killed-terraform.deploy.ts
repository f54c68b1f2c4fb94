import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DescribeTagsCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { awsClients, type Variables } from "../../cli/aws.ts";
import { findEnvironment } from "../../cli/environments.ts";
import { projectFolder, stateFolders } from "../../cli/folders.ts";
import { initState } from "../../cli/state-init.ts";
import { deployStack, destroyStack, planStack, type StackWork } from "../../cli/terraform/deploy.ts";
import { LogReader } from "../../cli/terraform/events.ts";
import { initStack } from "../../cli/terraform/init.ts";
import { findTerraform } from "../../cli/terraform/program.ts";
import { type RunRecord, readRecord, startRun } from "../../cli/terraform/run.ts";
import { readStacks, type Stack } from "../../cli/terraform/stacks.ts";
import { readStateLock } from "../../cli/terraform/state-lock.ts";
import { waitFor } from "../../cli/wait.ts";
import { terraformCliConfig } from "../../sandbox/terraform-config.ts";
import { programEnvironment, startTestEmulator, testRegion } from "../support/emulator.ts";

const folder = mkdtempSync(join(tmpdir(), "edge-fleet-killed-"));
const environment = findEnvironment("sandbox");
let variables: Variables;
let base: Stack;
const said: string[] = [];

beforeAll(async () => {
  const emulator = await startTestEmulator("killed-terraform");
  const cliConfig = join(folder, "terraform-cli.hcl");
  writeFileSync(cliConfig, terraformCliConfig());
  variables = { ...process.env, ...programEnvironment(emulator), TF_CLI_CONFIG_FILE: cliConfig };
  const out = join(folder, "cdktf.out");
  await promisify(execFile)(process.execPath, ["agent/build.mjs"], { cwd: projectFolder });
  await promisify(execFile)(process.execPath, ["cli/run.mjs", "main.ts"], {
    cwd: projectFolder,
    env: { ...process.env, ENVIRONMENT: "sandbox", CDKTF_OUTDIR: out },
  });
  const found = readStacks(out, "sandbox", [testRegion]).find(({ kind }) => kind === "base");
  if (found === undefined) throw new Error("no base stack");
  base = found;
  await initState(awsClients(variables, testRegion).s3, environment);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function work(deletesOrphans = true): Promise<StackWork> {
  const program = await findTerraform(variables);
  if (program === undefined) throw new Error("no terraform");
  const clients = awsClients(variables, testRegion);
  const folders = stateFolders("sandbox", folder);
  return {
    environment: "sandbox",
    deletesOrphans,
    folders,
    clients,
    stateS3: clients.s3,
    say: (text) => said.push(text),
    program,
    terraform: { path: program.path, variables, folders },
  };
}

/** Starts an apply as `up` does, and returns as soon as Terraform has made something. */
async function startApply(): Promise<RunRecord> {
  const { program, folders } = await work();
  await initStack(base, program, variables);
  const args = ["apply", "-json", "-input=false", "-auto-approve"];
  const record = startRun(folders, { stack: base, operation: "apply", program: program.path, args, variables });
  const log = new LogReader(record.logFile);
  await waitFor({
    what: "something made",
    deadlineMs: 120_000,
    intervalMs: 50,
    todo: `See ${record.logFile}`,
    look: async () => {
      const made = log.next().filter(({ type }) => type === "apply_complete").length;
      return made > 3 ? { value: made } : { still: `${made} made` };
    },
  });
  return record;
}

async function taggedVpcs(): Promise<number> {
  const Filters = [
    { Name: "resource-type", Values: ["vpc"] },
    { Name: "key", Values: ["environment"] },
    { Name: "value", Values: ["sandbox"] },
  ];
  const { Tags } = await awsClients(variables, testRegion).ec2.send(new DescribeTagsCommand({ Filters }));
  return Tags?.length ?? 0;
}

async function changesNow(): Promise<number> {
  const { changes } = await planStack(base, await work());
  return changes.add + changes.change + changes.remove;
}

test("a run that lost its `fleet` is waited for, and its work is not done again", async () => {
  await startApply();
  said.length = 0;
  const { changes } = await deployStack(base, await work());
  expect(said[0]).toMatch(/^waits for `terraform apply` of an earlier run/);
  expect(changes).toEqual({ add: 0, change: 0, remove: 0 });
  expect(await changesNow()).toBe(0);
  expect(await taggedVpcs()).toBe(1);
  await destroyStack(base, await work());
  expect(await taggedVpcs()).toBe(0);
});

test("a killed Terraform's lock is freed and what it left is deleted: nothing twice, nothing orphaned", async () => {
  const record = await startApply();
  process.kill(-record.leader.pid, "SIGKILL");
  const { stateS3 } = await work();
  expect(await readStateLock(stateS3, base.backend)).toBeDefined();

  const real = await deployStack(base, await work(false)).catch((error: unknown) => String(error));
  expect(real).toMatch(/a killed run left \d+ things that the state lacks/);
  expect(real).toMatch(/import 'aws_vpc\.[\w.-]+' 'vpc-[0-9a-f]+'/);
  expect(await taggedVpcs()).toBe(1);
  expect(readRecord(stateFolders("sandbox", folder), base.name)?.id).toBe(record.id);

  said.length = 0;
  const { changes } = await deployStack(base, await work());
  expect(said.filter((text) => text.startsWith("deletes ")).length).toBeGreaterThan(3);
  expect(changes.add).toBeGreaterThan(10);
  expect(await taggedVpcs()).toBe(1);
  expect(await changesNow()).toBe(0);
  await destroyStack(base, await work());
});
