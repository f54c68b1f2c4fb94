import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Runs `use` with a folder in memory that only this user can open and that is gone afterwards: the one place where
 * an authority's key is ever a file.
 */
export async function withPrivateFolder<T>(
  use: (folder: string) => Promise<T>,
  // Units set RUNTIME_DIRECTORY to a tmpfs folder of their own; elsewhere /dev/shm is one.
  parent: string = process.env.RUNTIME_DIRECTORY?.split(":")[0] ?? "/dev/shm",
): Promise<T> {
  const folder = await mkdtemp(join(parent, "authority-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
