import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Variables } from "../aws.ts";
import { messageOf, UserError } from "../errors.ts";
import type { TerraformProgram } from "./program.ts";
import type { Stack } from "./stacks.ts";

const run = promisify(execFile);

/** `terraform init`, left out where providers, backend and lock file are those of the last one: it hashes 700 MB of provider each time. */
export async function initStack(stack: Stack, program: TerraformProgram, variables: Variables): Promise<"done" | "unchanged"> {
  const mark = join(stack.folder, ".terraform/edge-fleet-init");
  if (existsSync(mark) && readFileSync(mark, "utf8") === fingerprint(stack, program) && providersExist(stack.folder)) return "unchanged";
  try {
    await run(program.path, ["init", "-input=false", "-no-color", "-reconfigure"], {
      cwd: stack.folder,
      env: { ...variables, CHECKPOINT_DISABLE: "1" },
      maxBuffer: 1 << 24,
    });
  } catch (error) {
    throw new UserError(
      `${stack.name}: \`terraform init\` failed, got ${lastError(error)}`,
      `Check the provider mirror or registry and the state bucket; see for yourself with \`terraform -chdir=${stack.folder} init\``,
      { cause: error },
    );
  }
  writeFileSync(mark, fingerprint(stack, program));
  return "done";
}

function fingerprint(stack: Stack, program: TerraformProgram): string {
  const { terraform } = JSON.parse(readFileSync(join(stack.folder, "cdk.tf.json"), "utf8"));
  const lock = join(stack.folder, ".terraform.lock.hcl");
  const parts = [program.path, program.version, JSON.stringify(terraform), existsSync(lock) ? readFileSync(lock, "utf8") : ""];
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}

/** Links into a mirror may point nowhere by now. */
function providersExist(folder: string): boolean {
  const root = join(folder, ".terraform/providers");
  if (!existsSync(root)) return false;
  let level = [root];
  // providers/<host>/<namespace>/<name>/<version>/<platform>
  for (let depth = 0; depth < 5; depth++) level = level.flatMap((path) => readdirSync(path).map((name) => join(path, name)));
  return level.every((path) => existsSync(path) && statSync(path).isDirectory());
}

function lastError(error: unknown): string {
  const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
  return stderr === "" ? messageOf(error) : stderr.replace(/[╷│╵]/g, "").replace(/\s+/g, " ").trim();
}
