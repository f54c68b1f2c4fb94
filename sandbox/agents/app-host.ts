import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../host/folders.ts";
import { run } from "../host/run.ts";

const projectFolder = fileURLToPath(new URL("../../app-host", import.meta.url));
const programs = ["app-host", "app-compile"] as const;
type AppHostProgram = (typeof programs)[number];

/** Where one of the two programs is, or will be: under the hash of the sources in this checkout. */
export function appHostProgram(program: AppHostProgram): string {
  return join(cacheFolder(), "app-host", hashOf(appHostSources()).slice(0, 16), program);
}

/**
 * Builds both programs of the app host from this repository, unless these sources were built before. Dependencies
 * are compiled once for all checkouts.
 */
export async function buildAppHost(onProgress: (line: string) => void): Promise<void> {
  if (programs.every((program) => existsSync(appHostProgram(program)))) return;
  const target = join(cacheFolder(), "app-host", "target");
  const cargo = async (label: string, args: readonly string[]): Promise<void> => {
    // Beside a deploy, which has people waiting.
    await run("nice", ["-n", "10", "cargo", ...args], {
      cwd: projectFolder,
      env: { CARGO_TARGET_DIR: target, CARGO_TERM_COLOR: "never" },
      onLine: (line) => {
        if (/^\s*(Compiling (wasmtime|app-)|Finished)/.test(line)) onProgress(`${label}: ${line.trim()}`);
      },
    });
  };
  // Cargo tells old from new by time, and another checkout may have built other sources here since.
  await cargo("app host", ["clean", "--release", "--locked", "--workspace"]);
  // One after the other: built together, cargo would unite their features and put the compiler into the app host.
  for (const program of programs) {
    onProgress(`${program}: cargo build`);
    await cargo(program, ["build", "--release", "--locked", "-p", program]);
    const file = appHostProgram(program);
    mkdirSync(join(file, ".."), { recursive: true });
    copyFileSync(join(target, "release", program), `${file}.partial`);
    renameSync(`${file}.partial`, file);
  }
}

/** What the programs are made of; not their tests, so that a new test builds nothing. */
function appHostSources(): string[] {
  const crates = ["engine", "host", "compile"].flatMap((crate) => [
    join(crate, "Cargo.toml"),
    ...readdirSync(join(projectFolder, crate, "src"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(projectFolder.length + 1)),
  ]);
  return ["Cargo.toml", "Cargo.lock", ...crates].sort();
}

function hashOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(join(projectFolder, file));
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}
