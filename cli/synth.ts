import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "./errors.ts";
import { projectFolder } from "./folders.ts";

const run = promisify(execFile);

/** Synthesises one environment into `cdktf.out`, as `cdktf synth` would, without its 1.7 s. */
export async function synth(environment: string): Promise<void> {
  await node(["agent/build.mjs"], {}, "agent program");
  const { context } = JSON.parse(readFileSync(join(projectFolder, "cdktf.json"), "utf8"));
  await node(
    ["cli/run.mjs", "main.ts"],
    { ENVIRONMENT: environment, CDKTF_CONTEXT_JSON: JSON.stringify(context ?? {}) },
    `synth of ${environment}`,
  );
}

async function node(args: readonly string[], variables: Readonly<Record<string, string>>, what: string): Promise<void> {
  try {
    await run(process.execPath, args, { cwd: projectFolder, env: { ...process.env, ...variables }, maxBuffer: 1 << 24 });
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    throw new UserError(`${what}: failed, got\n${said}\n`, `Put right what it names; see for yourself with \`node ${args.join(" ")}\``, {
      cause: error,
    });
  }
}
