import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { awsClients, type Variables } from "../../cli/aws.ts";
import { findEnvironment } from "../../cli/environments.ts";
import { projectFolder } from "../../cli/folders.ts";
import { initState } from "../../cli/state-init.ts";
import { terraformCliConfig } from "../../sandbox/terraform-config.ts";
import { programEnvironment, startTestEmulator, testRegion } from "../support/emulator.ts";

// The cdktf program itself, for those who know it better than `fleet`. One stack tells: the others differ in their resources only.
const folder = mkdtempSync(join(tmpdir(), "edge-fleet-cdktf-"));
const stack = `sandbox-base-${testRegion}`;
let variables: Variables;

beforeAll(async () => {
  const emulator = await startTestEmulator("cdktf-cli");
  const cliConfig = join(folder, "terraform.tfrc");
  writeFileSync(cliConfig, terraformCliConfig());
  variables = { ...process.env, ...programEnvironment(emulator), TF_CLI_CONFIG_FILE: cliConfig, CHECKPOINT_DISABLE: "1", GOGC: "400" };
  await initState(awsClients(variables, testRegion).s3, findEnvironment("sandbox"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("cdktf deploys the stacks that a pattern names, sees no difference then, and destroys them", async () => {
  const deployed = await cdktf("deploy", "sandbox-base-*", "--auto-approve");
  expect(deployed).toMatch(/Apply complete! Resources: [1-9]\d* added, 0 changed, 0 destroyed/);
  expect(await vpcs()).toBe(1);

  expect(await cdktf("diff", stack, "--skip-synth")).toContain("No changes.");

  // The stacks that need this one were never made.
  const flags = ["--auto-approve", "--skip-synth", "--ignore-missing-stack-dependencies"];
  expect(await cdktf("destroy", "sandbox-base-*", ...flags)).toMatch(/Destroy complete! Resources: [1-9]\d* destroyed/);
  expect(await vpcs()).toBe(0);
});

async function vpcs(): Promise<number> {
  const Filters = [{ Name: "tag:environment", Values: ["sandbox"] }];
  const { Vpcs } = await awsClients(variables, testRegion).ec2.send(new DescribeVpcsCommand({ Filters }));
  return Vpcs?.length ?? 0;
}

/** What the program prints; fails with it when the program does. The lock would be asked for at the registry, whatever mirrors there are. */
function cdktf(command: string, pattern: string, ...flags: readonly string[]): Promise<string> {
  const args = [command, pattern, "--output", join(folder, "cdktf.out"), "--no-color", "--skip-provider-lock", ...flags];
  return new Promise((resolve, reject) => {
    const child = spawn(join(projectFolder, "node_modules", ".bin", "cdktf"), args, { cwd: projectFolder, env: variables });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`cdktf ${args.join(" ")}: exit ${code}\n${output}`));
    });
  });
}
