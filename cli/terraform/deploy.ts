import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { messageOf, UserError } from "../errors.ts";
import { type StateFolders, writeWhole } from "../folders.ts";
import type { RunTimes } from "./events.ts";
import { initStack } from "./init.ts";
import { type Changes, runOperation, type Terraform } from "./operation.ts";
import type { TerraformProgram } from "./program.ts";
import { type SettleProps, settle } from "./settle.ts";
import type { Stack } from "./stacks.ts";
import { lockedBy, readStateLock } from "./state-lock.ts";

export interface StackWork extends SettleProps {
  readonly program: TerraformProgram;
  readonly terraform: Terraform;
}

export interface StackResult {
  readonly changes: Changes;
  readonly times: RunTimes;
}

const nothing: StackResult = {
  changes: { add: 0, change: 0, remove: 0 },
  times: { providerStartsMs: 0, providerWaitsMs: 0, slowest: [] },
};

// One provider answers more calls at a time than Terraform's default of 10 asks: 10 s of 125 s for 160 resources.
const parallelism = "-parallelism=30";
const quiet = ["-json", "-input=false"] as const;

/** Makes the account match the stack. Twice the same changes nothing. */
export async function deployStack(stack: Stack, work: StackWork): Promise<StackResult> {
  if ((await settle(stack, work)) === "applied") return nothing;
  await prepare(stack, work);
  return named(stack, work, async () => {
    // Unchanged JSON most likely means an unchanged account: a plan says so with one provider start less than an apply.
    if (lastApplied(work.folders, stack.name) === stack.configHash) {
      const planFile = join(work.folders.logs, `${stack.name}.plan`);
      const args = ["plan", ...quiet, parallelism, "-detailed-exitcode", `-out=${planFile}`];
      const planned = await runOperation(work.terraform, stack, "plan", args, work.say);
      if (planned.code === 0) return { changes: nothing.changes, times: planned.times };
      const applied = await runOperation(work.terraform, stack, "apply", ["apply", ...quiet, parallelism, planFile], work.say);
      rmSync(planFile, { force: true });
      return { changes: applied.changes, times: addTimes(planned.times, applied.times) };
    }
    const applied = await runOperation(work.terraform, stack, "apply", ["apply", ...quiet, parallelism, "-auto-approve"], work.say);
    writeWhole(appliedFile(work.folders, stack.name), stack.configHash);
    return applied;
  });
}

/** Changes that a deploy would make now; changes nothing itself. */
export async function planStack(stack: Stack, work: StackWork): Promise<StackResult & { readonly addresses: readonly string[] }> {
  await settle(stack, work);
  await prepare(stack, work);
  const args = ["plan", ...quiet, parallelism, "-detailed-exitcode"];
  const outcome = await named(stack, work, () => runOperation(work.terraform, stack, "plan", args, work.say));
  const addresses = outcome.events.filter(({ type }) => type === "planned_change").map((event) => event["@message"]);
  return { ...outcome, addresses };
}

/** Deletes what the stack holds. */
export async function destroyStack(stack: Stack, work: StackWork): Promise<StackResult> {
  await settle(stack, work);
  await prepare(stack, work);
  rmSync(appliedFile(work.folders, stack.name), { force: true });
  const args = ["destroy", ...quiet, parallelism, "-auto-approve"];
  return named(stack, work, () => runOperation(work.terraform, stack, "destroy", args, work.say));
}

async function prepare(stack: Stack, { program, terraform }: StackWork): Promise<void> {
  await initStack(stack, program, terraform.variables);
  const errored = join(stack.folder, "errored.tfstate");
  if (!existsSync(errored)) return;
  // The state could not be written at the end of the last run. Terraform takes it only if nothing newer came meanwhile.
  try {
    await promisify(execFile)(program.path, ["state", "push", errored], { cwd: stack.folder, env: { ...terraform.variables } });
    rmSync(errored);
  } catch (error) {
    throw new UserError(
      `${stack.name}: the last run could not save its state, got ${errored}, which Terraform does not take back: ${messageOf(error)}`,
      "Compare it with the state (`terraform state pull`), push it with -force or remove it, then run this command again",
      { cause: error },
    );
  }
}

/** Names the holder where Terraform only says that the state is locked. */
async function named<T>(stack: Stack, { stateS3 }: StackWork, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!messageOf(error).includes("Error acquiring the state lock")) throw error;
    const lock = await readStateLock(stateS3, stack.backend);
    throw lock === undefined ? error : lockedBy(stack.name, lock);
  }
}

function lastApplied(folders: StateFolders, stack: string): string | undefined {
  const file = appliedFile(folders, stack);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function appliedFile(folders: StateFolders, stack: string): string {
  return join(folders.runs, `${stack}.applied`);
}

function addTimes(a: RunTimes, b: RunTimes): RunTimes {
  return {
    providerStartsMs: a.providerStartsMs + b.providerStartsMs,
    providerWaitsMs: a.providerWaitsMs + b.providerWaitsMs,
    slowest: [...a.slowest, ...b.slowest].sort((x, y) => y.ms - x.ms).slice(0, 3),
  };
}
