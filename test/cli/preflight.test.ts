import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { STSClient } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { findEnvironment } from "../../cli/environments.ts";
import { probeCaller, probeFolder } from "../../cli/preflight/probe.ts";
import { type Probes, preflightProblems } from "../../cli/preflight/problems.ts";
import { findTerraform, isAtLeast, lookForTerraform } from "../../cli/terraform/program.ts";
import { emulatorClients } from "./support/emulator.ts";
import { temporaryFolder } from "./support/folders.ts";
import { program } from "./support/programs.ts";

const real = findEnvironment("exampleaws");
const good: Probes = {
  node: "20.19.0",
  terraform: { path: "terraform", version: "1.11.0" },
  folders: [{ path: "/cache", error: undefined }],
  caller: { accountId: real.accountId },
  sandbox: [],
};

test("nothing stands in the way", () => {
  expect(preflightProblems(real, good)).toEqual([]);
  expect(preflightProblems(real, { ...good, terraform: { path: "/usr/bin/tofu", version: "1.10.1" } })).toEqual([]);
});

test.each<[string, Partial<Probes>, string]>([
  [
    "an old Node",
    { node: "18.20.4" },
    "node: too old, got 18.20.4; expected 20.19.0 or newer. Install a newer one from https://nodejs.org.",
  ],
  [
    "no Terraform",
    { terraform: { named: undefined, broken: [] } },
    "terraform: not installed, got no terraform and no tofu in PATH; expected terraform 1.11.0 or tofu 1.10.0, or newer. Install one of them, or name it in TERRAFORM_BINARY_NAME.",
  ],
  [
    "a Terraform that is not where it is said to be",
    { terraform: { named: "/opt/teraform", broken: [] } },
    'TERRAFORM_BINARY_NAME: no program, got "/opt/teraform"; expected terraform 1.11.0 or tofu 1.10.0, or newer. Name one of them, or unset the variable.',
  ],
  [
    "a Terraform that does not run",
    { terraform: { named: undefined, broken: [{ path: "terraform", error: 'exit code 1 and "bad CPU type"' }] } },
    'terraform: does not run, got exit code 1 and "bad CPU type" from `terraform version -json`; expected terraform 1.11.0 or tofu 1.10.0, or newer. Install it anew, or name another in TERRAFORM_BINARY_NAME.',
  ],
  [
    "an old Terraform",
    { terraform: { path: "terraform", version: "1.9.8" } },
    "terraform: too old, got 1.9.8; expected 1.11.0 or newer, which locks states in S3. Install a newer one.",
  ],
  [
    "an old OpenTofu",
    { terraform: { path: "tofu", version: "1.9.0" } },
    "tofu: too old, got 1.9.0; expected 1.10.0 or newer, which locks states in S3. Install a newer one.",
  ],
  [
    "a folder of somebody else",
    { folders: [{ path: "/cache", error: "EROFS", variable: "EDGE_FLEET_CACHE" }] },
    "/cache: not writable, got EROFS for a file in it; expected that this user may make one. Change its owner, run as another user, or set EDGE_FLEET_CACHE to another folder.",
  ],
  [
    "a folder of somebody else in the project",
    { folders: [{ path: "/project/cdktf.out", error: "EACCES" }] },
    "/project/cdktf.out: not writable, got EACCES for a file in it; expected that this user may make one. Change its owner, or run as another user.",
  ],
  [
    "no credentials",
    { caller: { error: "Could not load credentials from any providers." } },
    `credentials: no use, got Could not load credentials from any providers; expected some of account ${real.accountId}. Sign in (\`aws sso login\`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
  ],
  [
    "the wrong account",
    { caller: { accountId: "000000000000" } },
    `credentials: wrong account, got 000000000000; expected ${real.accountId} (config/environments/exampleaws.ts). Choose the profile of that account with AWS_PROFILE, or name another environment.`,
  ],
  [
    "what the sandbox lacks",
    { sandbox: ["user: not root, got uid 1000; expected 0. Use sudo"] },
    "user: not root, got uid 1000; expected 0. Use sudo.",
  ],
])("%s is told with what to do", (_, change, text) => {
  expect(preflightProblems(real, { ...good, ...change })).toEqual([text]);
});

test("all problems come at once", () => {
  const problems = preflightProblems(real, {
    ...good,
    node: "18.0.0",
    terraform: { named: undefined, broken: [] },
    caller: { error: "none" },
  });
  expect(problems.map((problem) => problem.split(":")[0])).toEqual(["node", "terraform", "credentials"]);
});

test("Terraform is found by name, by TERRAFORM_BINARY_NAME, and OpenTofu where there is no Terraform", async () => {
  const folder = temporaryFolder();
  const says = (version: string): string => `echo '{"terraform_version":"${version}"}'`;
  const path = (name: string): string => {
    mkdirSync(join(folder, name), { recursive: true });
    return join(folder, name);
  };
  program(path("both"), "terraform", says("1.11.4"));
  program(path("both"), "tofu", says("1.10.0"));
  program(path("tofu"), "tofu", says("1.10.0"));
  const own = program(path("own"), "tf", says("1.12.0"));
  program(path("broken"), "terraform", "echo 'bad CPU type' >&2; exit 1");
  program(path("other"), "terraform", "echo hello");
  const shell = "/usr/bin:/bin";
  expect(await findTerraform({ PATH: `${path("both")}:${shell}` })).toEqual({ path: "terraform", version: "1.11.4" });
  expect(await findTerraform({ PATH: `${path("tofu")}:${shell}` })).toEqual({ path: "tofu", version: "1.10.0" });
  expect(await findTerraform({ PATH: `${path("both")}:${shell}`, TERRAFORM_BINARY_NAME: own })).toEqual({ path: own, version: "1.12.0" });
  expect(await findTerraform({ PATH: `${path("broken")}:${shell}` })).toBeUndefined();
  expect(await lookForTerraform({ PATH: `${path("broken")}:${path("tofu")}:${shell}` })).toEqual({ path: "tofu", version: "1.10.0" });
  const why = (variables: Record<string, string>) => lookForTerraform({ PATH: `${path("broken")}:${shell}`, ...variables });
  expect(await why({ PATH: path("none") })).toEqual({ named: undefined, broken: [] });
  expect(await why({})).toEqual({ named: undefined, broken: [{ path: "terraform", error: 'exit code 1 and "bad CPU type"' }] });
  expect(await why({ PATH: `${path("other")}:${shell}` })).toEqual({
    named: undefined,
    broken: [{ path: "terraform", error: 'no version, but "hello"' }],
  });
  expect(await why({ TERRAFORM_BINARY_NAME: "/opt/teraform" })).toEqual({ named: "/opt/teraform", broken: [] });
  expect(await why({ TERRAFORM_BINARY_NAME: folder })).toEqual({ named: folder, broken: [{ path: folder, error: "EACCES" }] });
});

test.each([
  ["1.11.0", "1.11.0", true],
  ["1.9.8", "1.11.0", false],
  ["v2.0.0", "1.11.9", true],
  ["1.11.0-rc1", "1.11.0", true],
  ["1.10.9", "1.11.0", false],
])("version %s against %s: %s", (version, oldest, expected) => {
  expect(isAtLeast(version, oldest)).toBe(expected);
});

test("a folder is tried for real and left as it was", () => {
  const folder = temporaryFolder();
  const missing = join(folder, "a/b");
  expect(probeFolder(missing)).toEqual({ path: missing, error: undefined });
  expect(existsSync(join(folder, "a"))).toBe(false);
  expect(existsSync(folder)).toBe(true);
  // A file where the folder should be: root may write anywhere else.
  const blocked = join(program(folder, "file", ""), "below");
  expect(probeFolder(blocked)).toEqual({ path: blocked, error: "ENOTDIR" });
  expect(probeFolder("/proc/edge-fleet")).toEqual({ path: "/proc/edge-fleet", error: "ENOENT" });
  if (process.getuid?.() !== 0) {
    chmodSync(folder, 0o500);
    expect(probeFolder(missing)).toEqual({ path: missing, error: "EACCES" });
    chmodSync(folder, 0o700);
  }
});

test("the caller's account is asked; keys that are refused are no credentials", async () => {
  const { sts } = await emulatorClients();
  expect(await probeCaller(sts)).toEqual({ accountId: "000000000000" });
  const wrong = new STSClient({
    region: "us-east-1",
    endpoint: await endpointOf(sts),
    credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wrong" },
    maxAttempts: 1,
  });
  expect(await probeCaller(wrong)).toHaveProperty("error");
});

async function endpointOf(sts: STSClient): Promise<string> {
  const endpoint = await sts.config.endpoint?.();
  if (endpoint === undefined) throw new Error("no endpoint");
  return `${endpoint.protocol}//${endpoint.hostname}:${endpoint.port}`;
}
