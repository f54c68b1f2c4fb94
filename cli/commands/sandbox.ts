import type { Output } from "../output/output.ts";
import { loadSandbox } from "../sandbox.ts";

/** `fleet sandbox env`: lines for `eval`, so that any AWS program, Terraform and cdktf work on the sandbox. */
export async function sandboxEnvCommand(output: Output): Promise<void> {
  const { sandboxEnvironment } = await loadSandbox();
  const variables = sandboxEnvironment();
  for (const [name, value] of Object.entries(variables)) output.print(`export ${name}=${quote(value)}`);
  // Preferred to the keys above where a shell of another account has them.
  output.print("unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN AWS_ROLE_ARN");
  output.result({ variables });
}

/** `fleet sandbox shell <machine>` */
export async function sandboxShellCommand(machine: string): Promise<number> {
  return (await loadSandbox()).openShell(machine);
}

/** `fleet sandbox status`: the machines, and whether the emulator runs. Exit code 1 when it does not. */
export async function sandboxStatusCommand(output: Output): Promise<number> {
  const sandbox = await loadSandbox();
  const running = sandbox.isSandboxRunning();
  const machines = running ? await sandbox.listMachines() : [];
  output.print(running ? "sandbox: runs" : "sandbox: does not run. Start it with `npm run up`");
  for (const { name, instanceId, address, zone, state, problem } of machines) {
    output.print(`  ${name}  ${instanceId}  ${address}  ${zone}  ${state}${problem === undefined ? "" : `: ${problem}`}`);
  }
  output.result({ running, machines });
  return running ? 0 : 1;
}

/** One word for a POSIX shell, whatever is in it. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
