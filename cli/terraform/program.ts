import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";

/** The program that applies stacks: Terraform, or OpenTofu where that is installed instead. */
export interface TerraformProgram {
  readonly path: string;
  readonly version: string;
}

/** Why there is none: what was tried, and what the system or the program said. */
export interface NoTerraform {
  /** Value of `TERRAFORM_BINARY_NAME`, where it is set: nothing else is tried then. */
  readonly named: string | undefined;
  /** Programs that are there and do not tell their version. */
  readonly broken: readonly { readonly path: string; readonly error: string }[];
}

/** State locks in S3 without a DynamoDB table came with 1.10 as an experiment and are stable since 1.11; OpenTofu has them since 1.10. */
export const oldestTerraform = { terraform: "1.11.0", tofu: "1.10.0" } as const;

type Variables = Readonly<Record<string, string | undefined>>;

const versionSchema = z.object({ terraform_version: z.string() });
const run = promisify(execFile);
/** A second is much for `version`; a program that waits for something else never answers. */
const versionTimeoutMs = 30_000;

/** `TERRAFORM_BINARY_NAME` (which cdktf reads as well), else `terraform`, else `tofu`; undefined where none of them runs. */
export async function findTerraform(variables: Variables): Promise<TerraformProgram | undefined> {
  const found = await lookForTerraform(variables);
  return "version" in found ? found : undefined;
}

/** As `findTerraform`, and tells why there is none. */
export async function lookForTerraform(variables: Variables): Promise<TerraformProgram | NoTerraform> {
  const named = variables.TERRAFORM_BINARY_NAME || undefined;
  const broken: { path: string; error: string }[] = [];
  for (const path of named === undefined ? ["terraform", "tofu"] : [named]) {
    const { version, error } = await versionOf(path, variables);
    if (version !== undefined) return { path, version };
    if (error !== undefined) broken.push({ path, error });
  }
  return { named, broken };
}

/** Neither a version nor an error: there is no such program. */
async function versionOf(path: string, variables: Variables): Promise<{ version?: string; error?: string }> {
  try {
    const options = { env: { ...variables, CHECKPOINT_DISABLE: "1" }, timeout: versionTimeoutMs };
    const { stdout } = await run(path, ["version", "-json"], options);
    const answer = versionSchema.safeParse(parsed(stdout));
    return answer.success ? { version: answer.data.terraform_version } : { error: `no version, but ${firstLine(stdout)}` };
  } catch (error) {
    const { code, killed, stderr } = error as { code?: number | string; killed?: boolean; stderr?: string };
    if (code === "ENOENT") return {};
    if (killed === true) return { error: `no answer for ${versionTimeoutMs / 1000} s` };
    return { error: typeof code === "number" ? `exit code ${code} and ${firstLine(stderr ?? "")}` : String(code) };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function firstLine(text: string): string {
  return JSON.stringify(text.trim().split("\n")[0]?.slice(0, 200) ?? "");
}

/** Whether `version` is `oldest` or newer; both `major.minor.patch`, with an optional pre-release tail that counts as its version. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [have, want] = [numbers(version), numbers(oldest)];
  for (const [index, wanted] of want.entries()) {
    const got = have[index] ?? 0;
    if (got !== wanted) return got > wanted;
  }
  return true;
}

function numbers(version: string): number[] {
  return (version.replace(/^v/, "").split(/[-+]/)[0] ?? "").split(".").map(Number);
}
