import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";

/** The program that applies stacks: Terraform, or OpenTofu where that is installed instead. */
export interface TerraformProgram {
  readonly path: string;
  readonly version: string;
}

/** State locks in S3 without a DynamoDB table came with 1.10 as an experiment and are stable since 1.11; OpenTofu has them since 1.10. */
export const oldestTerraform = { terraform: "1.11.0", tofu: "1.10.0" } as const;

const versionSchema = z.object({ terraform_version: z.string() });
const run = promisify(execFile);

/** `TERRAFORM_BINARY_NAME` (which cdktf reads as well), else `terraform`, else `tofu`; undefined where none of them runs. */
export async function findTerraform(variables: Readonly<Record<string, string | undefined>>): Promise<TerraformProgram | undefined> {
  const named = variables.TERRAFORM_BINARY_NAME;
  for (const path of named ? [named] : ["terraform", "tofu"]) {
    const version = await versionOf(path, variables);
    if (version !== undefined) return { path, version };
  }
  return undefined;
}

async function versionOf(path: string, variables: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ["version", "-json"], { env: { ...variables, CHECKPOINT_DISABLE: "1" } });
    return versionSchema.parse(JSON.parse(stdout)).terraform_version;
  } catch {
    return undefined;
  }
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
