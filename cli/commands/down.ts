import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline/promises";
import { type Context, holding, outFolder, stacksOf } from "../context.ts";
import { downSteps } from "../down/steps.ts";
import { UserError, UserErrors } from "../errors.ts";
import { projectFolder } from "../folders.ts";
import { runSteps, type Step } from "../output/steps.ts";
import { joinTimelines, seconds } from "../output/timeline.ts";
import { preflight } from "../preflight/preflight.ts";
import { synth } from "../synth.ts";
import { madePaths } from "../up/components.ts";

export interface DownOptions {
  readonly everything: boolean;
  /** The environment's name, where nobody can be asked for it. */
  readonly yes?: string;
}

/** `fleet down`: deletes what `up` made; data only with `everything`, and only where the environment allows it. */
export async function downCommand(context: Context, options: DownOptions): Promise<void> {
  const { environment, output, sandbox } = context;
  if (sandbox === undefined) await consent(context, options);
  await holding(context, `fleet down ${environment.name}`, async () => {
    if (sandbox !== undefined && !sandbox.isSandboxRunning()) {
      await removeTraces(context);
      output.print(`${environment.name}: is down already, nothing is left of it`);
      output.result({ environment: environment.name, alreadyDown: true });
      return;
    }
    const first = await runSteps(
      [
        { id: "preflight", title: "preflight", after: [], run: () => (sandbox === undefined ? preflight(context) : Promise.resolve()) },
        { id: "synth", title: `synth ${environment.name}`, after: ["preflight"], run: () => synth(environment.name) },
      ],
      output.renderer(),
    );
    const second = await runSteps(downSteps(context, stacksOf(context), options.everything), output.renderer(), ["synth"]);
    const third = options.everything && sandbox !== undefined ? await runSteps([leftoversStep(context)], output.renderer()) : undefined;
    const { totalMs } = joinTimelines([first, second, ...(third === undefined ? [] : [third])]);
    output.print(
      `${environment.name}: down in ${seconds(totalMs)}${options.everything ? ", nothing is left of it" : "; its keep stacks stay"}`,
    );
    output.result({ environment: environment.name, everything: options.everything, seconds: totalMs / 1000 });
  });
  if (sandbox !== undefined && options.everything) removeStateFolder(context);
}

/** Asks the running emulator for what a fresh one does not have, and stops it whatever it answers. */
function leftoversStep(context: Context): Step {
  return {
    id: "leftovers",
    title: "ask the emulator what is left, then stop it and the machines",
    after: [],
    run: async ({ say }) => {
      const left = (await context.sandbox?.sandboxLeftovers()) ?? [];
      say(left.length === 0 ? "nothing left" : `${left.length} left`);
      await removeTraces(context);
      if (left.length > 0) {
        throw new UserErrors([
          `${context.environment.name}: not everything was deleted, got ${left.length} left in the emulated account; expected none. The emulator is stopped, so they are gone; on a real account they would have stayed:`,
          ...left.map((one) => `  ${one}`),
        ]);
      }
    },
  };
}

async function removeTraces({ sandbox, folders }: Context): Promise<void> {
  await sandbox?.stopSandbox();
  for (const path of madePaths(folders)) rmSync(join(projectFolder, path), { recursive: true, force: true });
  rmSync(outFolder, { recursive: true, force: true });
  for (const folder of [folders.runs, folders.logs]) rmSync(folder, { recursive: true, force: true });
  for (const file of [folders.made, folders.failure]) rmSync(file, { force: true });
}

/** Folders that are empty now, up to the one that all environments share. */
function removeStateFolder({ folders }: Context): void {
  for (const folder of [folders.holders, dirname(folders.holders), dirname(dirname(folders.holders)), folders.root]) {
    if (existsSync(folder) && readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
  }
}

async function consent({ environment }: Context, { yes }: DownOptions): Promise<void> {
  const { name, allowDestroy } = environment;
  if (!allowDestroy) {
    throw new UserError(
      `environment ${name}: must not be destroyed, got allowDestroy false in config/environments/${name}.ts; expected true`,
      `If all its data may be lost: set it to true, run \`fleet up ${name}\` (that lifts the protection of what holds data), then run this command again`,
    );
  }
  if (yes === name) return;
  if (yes !== undefined || process.stdin.isTTY !== true) {
    throw new UserError(
      `--yes: is not the environment's name, got ${yes ?? "nothing"}; expected ${name}`,
      `Run \`fleet down ${name} --yes ${name}\` if you mean it`,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await terminal.question(`This deletes ${name} in account ${environment.accountId}. Type its name to go on: `);
  terminal.close();
  if (typed.trim() !== name)
    throw new UserError(`environment: not confirmed, got ${JSON.stringify(typed.trim())}; expected ${name}`, "Nothing was changed");
}
