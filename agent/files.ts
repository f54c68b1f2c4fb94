import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Begins the name of every file that is not finished; nobody reads such names, and `readdir` users leave them out. */
export const unfinishedPrefix = ".new-";

/** Runs `make` with a name in the folder of `file`, then gives the result its name: readers see the old or the new, never half. */
export async function replaceFile(file: string, make: (unfinished: string) => Promise<void>): Promise<void> {
  const unfinished = join(dirname(file), `${unfinishedPrefix}${randomBytes(6).toString("hex")}`);
  try {
    await make(unfinished);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Readable by all: nothing that the agent writes this way is secret. */
export async function replaceText(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await replaceFile(file, (unfinished) => writeFile(unfinished, text, { mode: 0o644, flag: "wx" }));
}

export async function replaceLink(file: string, target: string): Promise<void> {
  await replaceFile(file, (unfinished) => symlink(target, unfinished));
}
