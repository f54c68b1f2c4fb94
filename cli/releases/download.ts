import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { EnvHttpProxyAgent, fetch } from "undici";
import type { LockedFile } from "../../config/releases.ts";
import { messageOf, UserError } from "../errors.ts";

/** The archive of a locked file, fetched once and kept in `folder` under its checksum; never one that the lock does not vouch for. */
export async function downloadLocked(name: string, { url, sha256, checksumSource }: LockedFile, folder: string): Promise<string> {
  if (sha256 === null) {
    throw new UserError(
      `config/locks/releases.ts: ${name} has no checksum, got null (${checksumSource}); expected 64 hex digits`,
      "Read the checksum from its publisher and write it there, with its source",
    );
  }
  const target = join(folder, sha256);
  if (existsSync(target) && (await sha256OfFile(target)) === sha256) return target;
  mkdirSync(folder, { recursive: true });
  const partial = `${target}.${randomUUID()}.partial`;
  try {
    const got = await fetchTo(url, partial);
    if (got !== sha256) {
      throw new UserError(
        `${url}: wrong content, got sha256 ${got}; expected ${sha256}`,
        `Compare both with ${checksumSource}; if that names the new one, write it into config/locks/releases.ts`,
      );
    }
    renameSync(partial, target);
  } finally {
    rmSync(partial, { force: true });
  }
  return target;
}

/** Streams to a file; returns the content's sha256. */
async function fetchTo(url: string, file: string): Promise<string> {
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    const response = await fetch(url, { dispatcher: new EnvHttpProxyAgent(), signal: AbortSignal.timeout(15 * 60_000) });
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), hashing, createWriteStream(file, { mode: 0o600 }));
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? ` (${messageOf(error.cause)})` : "";
    throw new UserError(
      `${url}: not fetched, got ${messageOf(error)}${cause}`,
      "Check the connection (HTTPS_PROXY is honoured), then run this command again; what was fetched is kept",
      { cause: error },
    );
  }
  return hash.digest("hex");
}

export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
