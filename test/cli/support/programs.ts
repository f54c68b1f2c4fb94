import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A program of a few lines of shell, in a folder of the test. */
export function program(folder: string, name: string, lines: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${lines}\n`);
  chmodSync(path, 0o755);
  return path;
}
