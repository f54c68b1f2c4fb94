import { createHash } from "node:crypto";

/** Every program that machines fetch. */
export type Program = "node" | "consul" | "nomad" | "traefik" | "app-host" | "app-compile";

export interface LockedFile {
  /** Archive (`.zip` or `.tar.gz`) of the official release. */
  readonly url: string;
  /** sha256 of the archive, 64 hex digits. Null: not known, and the mirror refuses the file. */
  readonly sha256: string | null;
  /** Where the checksum was read, so that it can be read again; for null, why there is none. */
  readonly checksumSource: string;
  /** Path of the program inside the archive. */
  readonly member: string;
}

export interface LockedProgram {
  readonly version: string;
  readonly files: { readonly [arch in "amd64" | "arm64"]: LockedFile };
}

export type ReleasesLock = { readonly [program in Program]: LockedProgram };

/**
 * 16 hex digits that name one set of versions: the releases manifest of an environment's bucket is called so.
 * Only names and versions count, because a mirror may hold programs built from the same versions' sources.
 */
export function versionsHash(lock: ReleasesLock): string {
  const lines = Object.entries(lock).map(([program, { version }]) => `${program} ${version}\n`);
  return createHash("sha256").update(lines.sort().join("")).digest("hex").slice(0, 16);
}
