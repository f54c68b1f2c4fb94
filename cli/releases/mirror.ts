import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { type Program, type ReleasesLock, versionsHash } from "../../config/releases.ts";
import { type Architecture, artefactKeys, type ReleasesManifest } from "../../constructs/core/artefacts.ts";
import { UserError, UserErrors } from "../errors.ts";
import { isMissing, readObject } from "../objects.ts";
import { inParallel } from "../parallel.ts";
import { extractMember } from "./archive.ts";
import { downloadLocked, sha256OfFile } from "./download.ts";

/** A program's bytes before they are read: `id` names them, so that what is mirrored already is not read again. */
export interface ProgramSource {
  /** sha256 of the archive (official release) or of the program itself (built from the pinned sources). */
  readonly id: string;
  readonly read: () => Promise<Uint8Array>;
}

export type FindProgram = (program: Program, arch: Architecture) => Promise<ProgramSource>;

export interface MirrorProps {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly releases: ReleasesLock;
  /** Those that the environment's machines have. */
  readonly architectures: readonly Architecture[];
  readonly find: FindProgram;
  readonly say: (text: string) => void;
}

export interface MirrorResult {
  readonly manifest: string;
  readonly uploaded: readonly string[];
  readonly kept: number;
}

/**
 * Copies every locked program into the bucket, where it is missing or comes from another source, and writes the manifest
 * that machines verify against last: whoever sees it can fetch all that it names. Twice the same changes nothing.
 */
export async function mirrorReleases(props: MirrorProps): Promise<MirrorResult> {
  const { s3, bucket, releases, architectures, find } = props;
  const wanted = (Object.keys(releases) as Program[]).flatMap((program) => architectures.map((arch) => ({ program, arch })));
  const sources = await findAll(wanted, find);
  const mirrored = await inParallel(sources, 3, (one) => mirrorOne(props, one));
  const files = Object.fromEntries(mirrored.map(({ key, sha256 }) => [key, sha256] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
  const manifest = artefactKeys.releases(versionsHash(releases));
  const text = JSON.stringify({ files } satisfies ReleasesManifest, null, 2);
  if ((await readObject(s3, bucket, manifest))?.text !== text) {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: manifest, Body: text, ContentType: "application/json" }));
  }
  const uploaded = mirrored.filter((one) => one.uploaded).map(({ key }) => key);
  return { manifest, uploaded, kept: mirrored.length - uploaded.length };
}

interface Wanted {
  readonly program: Program;
  readonly arch: Architecture;
}

/** All sources, or all that is wrong with them at once. */
async function findAll(wanted: readonly Wanted[], find: FindProgram): Promise<(Wanted & { source: ProgramSource })[]> {
  const results = await Promise.allSettled(wanted.map(async (one) => ({ ...one, source: await find(one.program, one.arch) })));
  const problems: string[] = [];
  for (const result of results) {
    if (result.status === "fulfilled") continue;
    if (!(result.reason instanceof UserError)) throw result.reason;
    problems.push(result.reason.message);
  }
  if (problems.length > 0) throw new UserErrors(problems);
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

async function mirrorOne(
  { s3, bucket, releases, say }: MirrorProps,
  { program, arch, source }: Wanted & { source: ProgramSource },
): Promise<{ key: string; sha256: string; uploaded: boolean }> {
  const key = artefactKeys.releaseFile(program, releases[program].version, arch);
  const there = await metadataOf(s3, bucket, key);
  if (there?.["source-sha256"] === source.id && there.sha256 !== undefined) return { key, sha256: there.sha256, uploaded: false };
  const body = await source.read();
  const digest = createHash("sha256").update(body).digest();
  const sha256 = digest.toString("hex");
  say(`${program} ${releases[program].version} ${arch} (${Math.round(body.length / 1e6)} MB)`);
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: body,
      ContentType: "application/octet-stream",
      ChecksumSHA256: digest.toString("base64"),
      Metadata: { "source-sha256": source.id, sha256 },
    }),
  );
  return { key, sha256, uploaded: true };
}

async function metadataOf(s3: S3Client, bucket: string, key: string): Promise<Record<string, string> | undefined> {
  try {
    return (await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).Metadata ?? {};
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Official releases, as the lock names them. */
export function lockedPrograms(releases: ReleasesLock, downloads: string): FindProgram {
  return async (program, arch) => {
    const file = releases[program].files[arch];
    const name = `${program} ${releases[program].version} ${arch}`;
    if (file.sha256 === null) await downloadLocked(name, file, downloads); // Throws what to do about it.
    return {
      id: file.sha256 ?? "",
      read: async () => extractMember(await readFile(await downloadLocked(name, file, downloads)), file.member, file.url),
    };
  };
}

/** Programs that lie in files of this machine. */
export function builtPrograms(fileOf: (program: Program, arch: Architecture) => Promise<string>): FindProgram {
  return async (program, arch) => {
    const file = await fileOf(program, arch);
    return { id: await sha256OfFile(file), read: () => readFile(file) };
  };
}
