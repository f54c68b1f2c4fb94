import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { gunzipSync, unzipSync } from "fflate";
import { parseTar } from "nanotar";
import { EnvHttpProxyAgent, fetch } from "undici";
import type { LockedFile } from "../../config/releases.ts";

/** Without internet a look must be short: there is another way. */
const connectMs = 4_000;
const downloadMs = 10 * 60_000;

/**
 * Fetches the program of an official release, checked against the lock. Undefined where the lock knows no checksum or the
 * publisher cannot be reached; a wrong checksum is an error, not a reason to take another way.
 */
export async function fetchOfficial(file: LockedFile): Promise<Uint8Array | undefined> {
  if (file.sha256 === null || !(await reachable(file.url))) return undefined;
  const response = await fetch(file.url, { dispatcher: new EnvHttpProxyAgent(), signal: AbortSignal.timeout(downloadMs) });
  if (!response.ok) return undefined;
  const archive = new Uint8Array(await response.arrayBuffer());
  const got = createHash("sha256").update(archive).digest("hex");
  if (got !== file.sha256)
    throw new Error(`${file.url}: wrong content, got sha256 ${got}; expected ${file.sha256}. Compare with ${file.checksumSource}`);
  return extractProgram(archive, file.member, file.url);
}

async function reachable(url: string): Promise<boolean> {
  const dispatcher = new EnvHttpProxyAgent({ connect: { timeout: connectMs } });
  return fetch(url, { method: "HEAD", dispatcher, signal: AbortSignal.timeout(connectMs) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** One file out of a `.zip` or `.tar.gz`. */
export function extractProgram(archive: Uint8Array, member: string, source: string): Uint8Array {
  const isZip = archive[0] === 0x50 && archive[1] === 0x4b;
  const data = isZip
    ? unzipSync(archive, { filter: ({ name }) => name === member })[member]
    : parseTar(gunzipSync(archive), { filter: ({ name }) => name === member })[0]?.data;
  if (data === undefined)
    throw new Error(`${source}: has no file ${member}, got an archive without it; expected the program there. Correct its path`);
  return data;
}

export async function writeProgram(file: string, program: Uint8Array): Promise<void> {
  await writeFile(file, program, { mode: 0o755 });
}

export async function readArchive(file: string, integrity: string): Promise<Uint8Array> {
  const archive = await readFile(file);
  const got = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
  if (got !== integrity)
    throw new Error(`${file}: wrong content, got ${got}; expected ${integrity}. Renew it in sandbox/agents/recipes.ts`);
  return archive;
}
