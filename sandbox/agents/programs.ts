import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { releases } from "../../config/locks/releases.ts";
import type { Program } from "../../config/releases.ts";
import type { Architecture } from "../../constructs/core/artefacts.ts";
import { cacheFolder } from "../host/folders.ts";
import { recordOf } from "../host/processes.ts";
import { appHostProgram } from "./app-host.ts";
import { buildGo, fetchNpm } from "./build.ts";
import { fetchOfficial, writeProgram } from "./official.ts";
import { recipes } from "./recipes.ts";

/** Architecture of this machine, and so of the sandbox's machines. */
export function hostArchitecture(): Architecture {
  if (process.arch === "x64") return "amd64";
  if (process.arch === "arm64") return "arm64";
  throw new Error(`processor: not supported, got ${process.arch}; expected x64 or arm64. Use another machine`);
}

/** Where a program is in the cache, or will be. */
export function programPath(program: Program, arch: Architecture): string {
  const recipe = recipes[program];
  if (recipe.kind === "cargo") return appHostProgram(recipe.binary);
  return join(cacheFolder(), "agents", `${program}-${releases[program].version}-${arch}`, program);
}

/** Path of a program that `ensureProgram` has made. */
export async function cachedProgram(program: Program, arch: Architecture): Promise<string> {
  if (arch !== hostArchitecture())
    throw new Error(
      `${program}: not in the sandbox, got architecture ${arch}; expected ${hostArchitecture()}, this machine's own. Set \`arch\` in config/environments/sandbox.ts`,
    );
  const file = programPath(program, arch);
  if (!existsSync(file)) throw new Error(`${file}: missing, got no such file; expected ${program}. Run \`npm run up\`, which makes it`);
  return file;
}

/** Puts a program into the cache: its official release, or one built from the same version's source. */
export async function ensureProgram(
  program: Exclude<Program, "app-host" | "app-compile">,
  onProgress: (line: string) => void,
): Promise<void> {
  const arch = hostArchitecture();
  const file = programPath(program, arch);
  if (existsSync(file)) return;
  const folder = join(file, "..");
  mkdirSync(folder, { recursive: true });
  const partial = `${file}.${process.pid}-${recordOf(process.pid)?.startTime ?? 0}.partial`;
  const work = `${partial}.work`;
  try {
    const { version, files } = releases[program];
    const official = await fetchOfficial(files[arch]);
    const recipe = recipes[program];
    const props = { name: program, version, target: partial, work, onProgress };
    if (official !== undefined) {
      onProgress(`${program} ${version}: official release`);
      await writeProgram(partial, official);
    } else if (recipe.kind === "go") await buildGo(recipe, props);
    else if (recipe.kind === "npm" && arch === "amd64") await fetchNpm(recipe, props);
    else
      throw new Error(
        `${program} ${version}: not to be had, got no connection to ${new URL(files[arch].url).host}; expected one for ${arch}. Connect to the internet`,
      );
    chmodSync(partial, 0o755);
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
    rmSync(work, { recursive: true, force: true });
  }
}
