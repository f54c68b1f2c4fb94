import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Context, clientsOf } from "../../cli/context.ts";
import { downSteps } from "../../cli/down/steps.ts";
import { artefactBucket, findEnvironment } from "../../cli/environments.ts";
import { projectFolder, stateFolders } from "../../cli/folders.ts";
import { createOutput } from "../../cli/output/output.ts";
import { runSteps, type Step } from "../../cli/output/steps.ts";
import { loadSandbox } from "../../cli/sandbox.ts";
import { readStacks, type Stack } from "../../cli/terraform/stacks.ts";
import { type UpResult, upSteps } from "../../cli/up/steps.ts";
import { listLeftovers } from "../../sandbox/emulator/leftovers.ts";
import { terraformCliConfig } from "../../sandbox/terraform-config.ts";
import { programEnvironment, startTestEmulator, testRegion } from "../support/emulator.ts";

// The whole of `up` and `down --everything` but for what needs machines: their boot, and what the apps answer.
const folder = mkdtempSync(join(tmpdir(), "edge-fleet-up-"));
const lines: string[] = [];
let context: Context;
let stacks: Stack[];

beforeAll(async () => {
  const emulator = await startTestEmulator("up-down");
  const cliConfig = join(folder, "terraform-cli.hcl");
  writeFileSync(cliConfig, terraformCliConfig());
  const sandbox = {
    ...(await loadSandbox()),
    isSandboxRunning: () => true,
    startSandbox: async () => {},
    sandboxEnvironment: () => ({ ...programEnvironment(emulator), TF_CLI_CONFIG_FILE: cliConfig }),
    listMachines: async () => [],
    sandboxLeftovers: () =>
      listLeftovers({ endpoint: emulator.endpoint, credentials: emulator.deployer, region: testRegion, callsFile: emulator.callsFile }),
    programFile: async (program: string) => {
      const file = join(folder, program);
      writeFileSync(file, `program ${program}`);
      return file;
    },
  };
  const out = join(folder, "cdktf.out");
  await promisify(execFile)(process.execPath, ["agent/build.mjs"], { cwd: projectFolder });
  await promisify(execFile)(process.execPath, ["cli/run.mjs", "main.ts"], {
    cwd: projectFolder,
    env: { ...process.env, ENVIRONMENT: "sandbox", CDKTF_OUTDIR: out },
  });
  stacks = readStacks(out, "sandbox", [testRegion]);
  const write = (text: string): number => lines.push(text);
  const output = createOutput(false, { out: { write }, err: { write } });
  context = { environment: findEnvironment("sandbox"), output, folders: stateFolders("sandbox", folder), sandbox, runs: new Set() };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function up(): Promise<UpResult> {
  const result: UpResult = { stacks: new Map(), answers: new Map(), unreleased: [] };
  const all = upSteps(context, stacks, result);
  const left = (step: Step): boolean => /^(prepare|component:|boot:|serve:|answer:)/.test(step.id);
  await runSteps(
    all.filter((step) => !left(step)),
    context.output.renderer(),
    ["synth", ...all.filter(left).map(({ id }) => id)],
  );
  return result;
}

test("up makes every stack in an order that works, and a second one changes nothing", async () => {
  const first = await up();
  expect([...first.stacks.keys()].sort()).toEqual(stacks.map(({ name }) => name).sort());
  for (const { changes } of first.stacks.values()) expect(changes).toMatchObject({ change: 0, remove: 0 });
  expect(first.unreleased).toEqual(["hello"]);

  const second = await up();
  for (const [stack, { changes }] of second.stacks) expect([stack, changes]).toEqual([stack, { add: 0, change: 0, remove: 0 }]);
});

test("down without --everything leaves keep with its objects, and up brings the rest back", async () => {
  const { s3 } = clientsOf(context, testRegion);
  const Bucket = artefactBucket(context.environment, testRegion);
  const document = { current: { component: "a".repeat(64), releasedAt: "2026-11-20T10:00:00.000Z", releasedBy: "test" }, history: [] };
  await s3.send(new PutObjectCommand({ Bucket, Key: "apps/hello/release.json", Body: JSON.stringify(document) }));
  await runSteps(downSteps(context, stacks, false), context.output.renderer(), ["synth"]);
  const again = await up();
  expect(again.unreleased).toEqual([]);
  expect(again.stacks.get(`keep-sandbox-${testRegion}`)?.changes).toEqual({ add: 0, change: 0, remove: 0 });
  expect(again.stacks.get(`sandbox-base-${testRegion}`)?.changes.add).toBeGreaterThan(10);
});

test("down --everything leaves nothing in the account, and may be repeated", async () => {
  await runSteps(downSteps(context, stacks, true), context.output.renderer(), ["synth"]);
  expect(await context.sandbox?.sandboxLeftovers()).toEqual([]);
  await runSteps(downSteps(context, stacks, true), context.output.renderer(), ["synth"]);
});
