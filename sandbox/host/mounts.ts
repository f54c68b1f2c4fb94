import { readFileSync } from "node:fs";
import { run } from "./run.ts";

export interface OverlayMount {
  /** Topmost first. */
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  readonly target: string;
}

/** Mounts folders above each other; all changes go to `upper`. */
export async function overlay(mount: OverlayMount): Promise<void> {
  const options = `lowerdir=${mount.lower.join(":")},upperdir=${mount.upper},workdir=${mount.work}`;
  await run("mount", ["-t", "overlay", "edge-fleet", "-o", options, mount.target]);
}

/** Mount points at or below a folder, deepest first. */
export function mountsBelow(folder: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .map((path) => path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))))
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .sort((one, other) => other.length - one.length);
}

/** Unmounts everything at or below a folder. */
export async function unmountAll(folder: string): Promise<void> {
  for (const target of mountsBelow(folder)) await run("umount", ["--lazy", target]);
}
