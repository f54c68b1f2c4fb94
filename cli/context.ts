import { join } from "node:path";
import type { Environment } from "../config/schema.ts";
import { type AwsClients, awsClients, type Variables } from "./aws.ts";
import { isSandbox } from "./environments.ts";
import { UserError } from "./errors.ts";
import { projectFolder, type StateFolders, stateFolders } from "./folders.ts";
import type { Output } from "./output/output.ts";
import { type Hold, hold } from "./processes/holder.ts";
import { loadSandbox, type Sandbox } from "./sandbox.ts";
import type { StackWork } from "./terraform/deploy.ts";
import { findTerraform } from "./terraform/program.ts";
import { interruptRun, type RunRecord } from "./terraform/run.ts";
import { readStacks, type Stack } from "./terraform/stacks.ts";

/** What every command on one environment works with. */
export interface Context {
  readonly environment: Environment;
  readonly output: Output;
  readonly folders: StateFolders;
  /** Present for the emulated account only. */
  readonly sandbox: Sandbox | undefined;
  /** Terraform's runs of this process, for Ctrl-C. */
  readonly runs: Set<RunRecord>;
}

export async function createContext(environment: Environment, output: Output): Promise<Context> {
  const sandbox = isSandbox(environment) ? await loadSandbox() : undefined;
  return { environment, output, folders: stateFolders(environment.name), sandbox, runs: new Set() };
}

/** Takes the environment for one command and gives it back, whatever happens. */
export async function holding<T>(context: Context, command: string, work: () => Promise<T>): Promise<T> {
  const held: Hold = await hold(context.folders.holders, context.environment.name, command);
  const interrupt = (): void => {
    process.stderr.write("\nTells Terraform to end in order; its state is written and freed first. Again: leave it alone and go.\n");
    for (const run of context.runs) interruptRun(run);
    process.once("SIGINT", () => process.exit(130));
  };
  process.once("SIGINT", interrupt);
  try {
    return await work();
  } finally {
    process.off("SIGINT", interrupt);
    held.release();
  }
}

/** The process environment in which AWS programs work on this account. */
export function variablesOf({ environment, sandbox }: Context): Variables {
  if (sandbox === undefined) return process.env;
  if (!sandbox.isSandboxRunning()) {
    throw new UserError(
      `environment ${environment.name}: does not run, got no emulator; expected a running one`,
      `Run \`npx fleet up ${environment.name}\``,
    );
  }
  return { ...process.env, ...unset, ...sandbox.sandboxEnvironment() };
}

// What a shell of another account may have set, and would be preferred to the sandbox's keys.
const unset = { AWS_PROFILE: undefined, AWS_DEFAULT_PROFILE: undefined, AWS_SESSION_TOKEN: undefined, AWS_ROLE_ARN: undefined } as const;

export function clientsOf(context: Context, region: string): AwsClients {
  // Where the account is real the SDK itself looks for keys, also those that must be renewed.
  return awsClients(context.sandbox === undefined ? {} : variablesOf(context), region);
}

/** Clients for the bucket that holds the states. */
export function stateClients(context: Context): AwsClients {
  const { state, regions } = context.environment;
  return clientsOf(context, state.kind === "s3" ? state.region : (Object.keys(regions)[0] ?? "us-east-1"));
}

export const outFolder = join(projectFolder, "cdktf.out");

/** The environment's stacks as last synthesised, dependencies first. */
export function stacksOf({ environment }: Context): Stack[] {
  return readStacks(outFolder, environment.name, Object.keys(environment.regions));
}

/** What Terraform needs to work on one stack. */
export async function stackWork(context: Context, stack: Stack, say: (text: string) => void): Promise<StackWork> {
  const variables = variablesOf(context);
  const program = await findTerraform(variables);
  if (program === undefined)
    throw new UserError("terraform: not installed, got none in PATH; expected terraform or tofu", "Install one of them");
  return {
    environment: context.environment.name,
    deletesOrphans: context.sandbox !== undefined,
    folders: context.folders,
    clients: clientsOf(context, stack.region),
    stateS3: stateClients(context).s3,
    say,
    program,
    terraform: { path: program.path, variables, folders: context.folders, onRun: (run) => context.runs.add(run) },
  };
}
