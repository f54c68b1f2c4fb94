import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { readReleases } from "../apps/documents.ts";
import type { ReleasePlace } from "../apps/release.ts";
import { UserError } from "../errors.ts";
import { projectFolder, type StateFolders, writeWhole } from "../folders.ts";

const run = promisify(execFile);

/** Whether the project holds the app's sources. */
export function hasSources(app: string): boolean {
  return existsSync(join(projectFolder, "apps", app, "package.json"));
}

/** Whether some region has no release of it yet. A region or bucket that does not exist counts as one without. */
export async function isUnreleased(app: string, places: readonly ReleasePlace[]): Promise<boolean> {
  const releases = await Promise.all(places.map(({ s3, bucket }) => readReleases(s3, bucket, app)));
  return releases.includes(undefined);
}

/** Builds `apps/<app>` with its own tools, as its team would, and remembers what that made so that `down` removes it. */
export async function buildComponent(app: string, folders: StateFolders, say: (text: string) => void, signal: AbortSignal): Promise<void> {
  const folder = join(projectFolder, "apps", app);
  const before = new Set(readdirSync(folder));
  try {
    for (const args of [
      ["ci", "--no-audit", "--no-fund"],
      ["run", "build"],
    ]) {
      say(`npm ${args.join(" ")}`);
      await run("npm", args, { cwd: folder, maxBuffer: 1 << 24, signal });
    }
  } catch (error) {
    const said =
      error instanceof Error && "stderr" in error ? String(error.stderr).trim().split("\n").slice(-15).join("\n") : String(error);
    throw new UserError(
      `apps/${app}: does not build, got\n${said}\n`,
      `Put it right and see for yourself with \`npm run build\` in ${folder}`,
      { cause: error },
    );
  } finally {
    const made = readdirSync(folder).filter((name) => !before.has(name));
    rememberMade(
      folders,
      made.map((name) => join("apps", app, name)),
    );
  }
}

/** Paths in the project that `up` made and `down --everything` may remove. */
export function madePaths(folders: StateFolders): string[] {
  return existsSync(folders.made) ? (JSON.parse(readFileSync(folders.made, "utf8")) as string[]) : [];
}

function rememberMade(folders: StateFolders, paths: readonly string[]): void {
  if (paths.length > 0) writeWhole(folders.made, JSON.stringify([...new Set([...madePaths(folders), ...paths])]));
}
