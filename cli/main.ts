import { Command, CommanderError, Option } from "commander";
import { historyCommand, releaseCommand, rollbackCommand } from "./commands/app.ts";
import { downCommand } from "./commands/down.ts";
import { imagesUpdateCommand } from "./commands/images-update.ts";
import { planCommand } from "./commands/plan.ts";
import { releasesMirrorCommand } from "./commands/releases-mirror.ts";
import { sandboxEnvCommand, sandboxShellCommand, sandboxStatusCommand } from "./commands/sandbox.ts";
import { stateInitCommand } from "./commands/state-init.ts";
import { statusCommand } from "./commands/status.ts";
import { upCommand } from "./commands/up.ts";
import { type Context, createContext } from "./context.ts";
import { findEnvironment } from "./environments.ts";
import { createOutput, type Output } from "./output/output.ts";
import { reportFailure } from "./report-failure.ts";

interface Globals {
  readonly json?: boolean;
}

const program = new Command("fleet");
program
  .description("Raises a fleet that runs WebAssembly apps, tells how it is, and releases apps on it.")
  .option("--json", "events and results as JSON, one document a line")
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();

const output = (): Output => createOutput(program.opts<Globals>().json === true, { out: process.stdout, err: process.stderr });
const environmentArgument = ["[environment]", "file of config/environments, without .ts", "sandbox"] as const;
const environmentOption = new Option("-e, --environment <name>", "file of config/environments, without .ts").default("sandbox");

/** Runs a command on an environment; a number that it returns becomes the exit code. */
async function on(name: string, command: (context: Context) => Promise<unknown>): Promise<void> {
  const code = await command(await createContext(findEnvironment(name), output()));
  process.exitCode = typeof code === "number" ? code : 0;
}

program
  .command("up")
  .description("make everything the environment declares, and end with the answers of its apps")
  .argument(...environmentArgument)
  .action((name: string) => on(name, upCommand));

program
  .command("down")
  .description("delete what `up` made, but for what holds data")
  .argument(...environmentArgument)
  .option("--everything", "also what holds data: keep, the states, and in the sandbox the emulator", false)
  .option("--yes <name>", "the environment's name, where nobody can be asked to type it")
  .action((name: string, options: { everything: boolean; yes?: string }) => on(name, (context) => downCommand(context, options)));

program
  .command("plan")
  .description("what `up` would change; exit code 2 when that is anything")
  .argument(...environmentArgument)
  .action((name: string) => on(name, planCommand));

program
  .command("status")
  .description("machines, quorum, pools, apps and routes, as the leader last saw them; exit code 1 when not healthy")
  .argument(...environmentArgument)
  .action((name: string) => on(name, statusCommand));

const app = program.command("app").description("releases of apps, without Terraform");
app
  .command("release")
  .description("make a component the app's release, and wait until every node serves it")
  .argument("<app>")
  .argument("[component]", "default: apps/<app>/app.wasm")
  .addOption(environmentOption)
  .action((name: string, file: string | undefined, { environment }: { environment: string }) =>
    on(environment, (context) => releaseCommand(context, name, file)),
  );
app
  .command("history")
  .description("the app's releases, newest first")
  .argument("<app>")
  .addOption(environmentOption)
  .action((name: string, { environment }: { environment: string }) => on(environment, (context) => historyCommand(context, name)));
app
  .command("rollback")
  .description("make an earlier release the current one")
  .argument("<app>")
  .option("--to <sha256>", "the component, or the beginning of its hash; default: the release before")
  .addOption(environmentOption)
  .action((name: string, { environment, to }: { environment: string; to?: string }) =>
    on(environment, (context) => rollbackCommand(context, name, to)),
  );

program
  .command("state")
  .description("where Terraform keeps its states")
  .command("init")
  .description("make the bucket for the states; twice the same changes nothing")
  .argument(...environmentArgument)
  .action((name: string) => on(name, stateInitCommand));

program
  .command("releases")
  .description("programs that machines fetch")
  .command("mirror")
  .description("copy every program of config/locks/releases.ts into the environment's buckets")
  .argument(...environmentArgument)
  .action((name: string) => on(name, releasesMirrorCommand));

program
  .command("images")
  .description("machine images")
  .command("update")
  .description("write the newest Debian 13 image of each region into config/locks/images.ts")
  .argument("<environment>", "file of config/environments, without .ts")
  .action((name: string) => on(name, imagesUpdateCommand));

const sandbox = program.command("sandbox").description("the local cloud");
sandbox
  .command("env")
  .description('lines for `eval "$(npx fleet sandbox env)"`: AWS programs, Terraform and cdktf then work on the sandbox')
  .action(() => sandboxEnvCommand(output()));
sandbox
  .command("shell")
  .description("a root shell on a machine")
  .argument("<machine>", "its name, instance id or address, or `cloud`")
  .action(async (machine: string) => {
    process.exitCode = await sandboxShellCommand(machine);
  });
sandbox
  .command("status")
  .description("whether it runs, and its machines")
  .action(async () => {
    process.exitCode = await sandboxStatusCommand(output());
  });

try {
  await program.parseAsync();
} catch (error) {
  // Commander has said already what is wrong with the arguments.
  process.exitCode = error instanceof CommanderError ? error.exitCode : reportFailure(error, output());
}
// What was given up by a failed step may still run, and must not keep a command that has ended.
process.exit();
