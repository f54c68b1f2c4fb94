import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { loadEnvironments } from "../../config/load.ts";
import { images } from "../../config/locks/images.ts";
import { releases } from "../../config/locks/releases.ts";
import type { Environment } from "../../config/schema.ts";
import { addEnvironment, type Locks } from "../../stacks/environment.ts";

/** One resource or data source as Terraform reads it. */
export type Block = Readonly<Record<string, unknown>>;

/** A stack as Terraform reads it, without cdktf's remarks. */
export interface SynthesisedStack {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Block>>>>;
  readonly data: Readonly<Record<string, Readonly<Record<string, Block>>>>;
  readonly provider: Readonly<Record<string, readonly Block[]>>;
  readonly terraform: Block;
  readonly output: Readonly<Record<string, Block>>;
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
}

/** The agent is built elsewhere; its text is only carried through. */
export const locks: Locks = { releases, images, agentProgram: "// the agent\n" };

/** Runs `build` in an app and returns its stacks by their ids, in the order of their making. Nothing is left on the disk. */
export function synthesise(build: (app: App) => void): Record<string, SynthesisedStack> {
  const outdir = mkdtempSync(join(tmpdir(), "edge-fleet-synth-"));
  try {
    const app = new App({ outdir, skipValidation: true });
    build(app);
    const stacks = app.node.findAll().filter(TerraformStack.isStack);
    for (const stack of stacks) stack.prepareStack();
    return Object.fromEntries(stacks.map((stack) => [stack.node.id, withoutRemarks(stack.toTerraform()) as SynthesisedStack]));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** Every stack of an environment. */
export const synthesiseEnvironment = (environment: Environment, with_: Locks = locks): Record<string, SynthesisedStack> =>
  synthesise((app) => addEnvironment(app, environment, with_));

/** An environment of this project by its name. */
export function environmentNamed(name: string): Environment {
  const found = loadEnvironments().find((environment) => environment.name === name);
  if (found === undefined) throw new Error(`no environment ${name}`);
  return found;
}

/** The stack whose id has this word, e.g. `base`. */
export function stackOf(stacks: Readonly<Record<string, SynthesisedStack>>, word: string): SynthesisedStack {
  const found = Object.entries(stacks).filter(([id]) => id.split("-").includes(word));
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} stacks with ${word} among ${Object.keys(stacks).join(", ")}`);
  return found[0][1];
}

/** All resources of one type, by their logical id. */
export const resourcesOf = (stack: SynthesisedStack, type: string): Readonly<Record<string, Block>> => stack.resource?.[type] ?? {};

/** The only resource of a type whose logical id begins with `prefix`. */
export function theResource(stack: SynthesisedStack, type: string, prefix = ""): Block {
  const found = Object.entries(resourcesOf(stack, type)).filter(([id]) => id.startsWith(prefix));
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} resources ${type}.${prefix}*`);
  return found[0][1];
}

function withoutRemarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRemarks);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "//")
      .map(([name, inner]) => [name, withoutRemarks(inner)]),
  );
}
