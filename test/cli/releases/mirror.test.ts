import { createHash } from "node:crypto";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync, zipSync } from "fflate";
import { createTar } from "nanotar";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readObject } from "../../../cli/objects.ts";
import { builtPrograms, lockedPrograms, type MirrorProps, mirrorReleases } from "../../../cli/releases/mirror.ts";
import { type LockedFile, type ReleasesLock, versionsHash } from "../../../config/releases.ts";
import { emulatorClients, newBucket } from "../support/emulator.ts";
import { temporaryFolder } from "../support/folders.ts";

const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
const programs = ["node", "consul", "nomad", "traefik", "app-host", "app-compile"] as const;
const bytesOf = (program: string): Uint8Array => new TextEncoder().encode(`program ${program}`);

/** Publisher of archives: zip for HashiCorp's, tar.gz for the others; `/broken` serves something else. */
const archives = new Map<string, Uint8Array>();
let requests: string[] = [];
const server = createServer((request, response) => {
  requests.push(request.url ?? "");
  const archive = archives.get(request.url ?? "");
  response.statusCode = archive === undefined ? 404 : 200;
  response.end(archive);
});

beforeAll(async () => {
  for (const program of programs) {
    const bytes = bytesOf(program);
    archives.set(`/${program}.zip`, zipSync({ [program]: bytes, LICENSE: new Uint8Array(3) }));
    archives.set(
      `/${program}.tar.gz`,
      gzipSync(
        createTar([
          { name: `v1/bin/${program}`, data: bytes },
          { name: "v1/README", data: "read" },
        ]),
      ),
    );
  }
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});
afterAll(() => server.close());

function file(program: string, change: Partial<LockedFile> = {}): LockedFile {
  const isZip = program === "consul" || program === "nomad";
  const path = `/${program}.${isZip ? "zip" : "tar.gz"}`;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  return {
    url,
    sha256: sha256(archives.get(path) ?? ""),
    checksumSource: "its publisher",
    member: isZip ? program : `v1/bin/${program}`,
    ...change,
  };
}

function lock(change: Partial<Record<string, Partial<LockedFile>>> = {}): ReleasesLock {
  const entry = (program: string) => ({
    version: "1.0.0",
    files: { amd64: file(program, change[program]), arm64: file(program, { sha256: null }) },
  });
  return Object.fromEntries(programs.map((program) => [program, entry(program)])) as unknown as ReleasesLock;
}

async function props(releases: ReleasesLock, downloads: string): Promise<MirrorProps> {
  const clients = await emulatorClients();
  return {
    s3: clients.s3,
    bucket: await newBucket(clients, "mirror"),
    releases,
    architectures: ["amd64"],
    find: lockedPrograms(releases, downloads),
    say: () => {},
  };
}

test("every program of the environment's architectures is fetched, verified and uploaded; the manifest names them", async () => {
  const releases = lock();
  const mirror = await props(releases, temporaryFolder());
  const { manifest, uploaded, kept } = await mirrorReleases(mirror);
  expect(manifest).toBe(`releases/${versionsHash(releases)}.json`);
  expect([uploaded.length, kept]).toEqual([6, 0]);
  const { files } = JSON.parse((await readObject(mirror.s3, mirror.bucket, manifest))?.text ?? "") as { files: Record<string, string> };
  expect(files).toEqual(
    Object.fromEntries(programs.map((program) => [`releases/${program}/1.0.0/amd64/${program}`, sha256(bytesOf(program))])),
  );
  for (const key of Object.keys(files)) expect(sha256((await readObject(mirror.s3, mirror.bucket, key))?.text ?? "")).toBe(files[key]);
});

test("a second time nothing is fetched, uploaded or written", async () => {
  const mirror = await props(lock(), temporaryFolder());
  const { manifest } = await mirrorReleases(mirror);
  const before = await readObject(mirror.s3, mirror.bucket, manifest);
  requests = [];
  expect(await mirrorReleases(mirror)).toEqual({ manifest, uploaded: [], kept: 6 });
  expect(requests).toEqual([]);
  expect(await readObject(mirror.s3, mirror.bucket, manifest)).toEqual(before);
});

test("an entry without checksum is refused, all of them at once and before anything is uploaded", async () => {
  const releases = lock({ traefik: { sha256: null }, node: { sha256: null, checksumSource: "not published" } });
  const mirror = await props(releases, temporaryFolder());
  await expect(mirrorReleases(mirror)).rejects.toThrow(
    [
      "config/locks/releases.ts: node 1.0.0 amd64 has no checksum, got null (not published); expected 64 hex digits. Read the checksum from its publisher and write it there, with its source.",
      "config/locks/releases.ts: traefik 1.0.0 amd64 has no checksum, got null (its publisher); expected 64 hex digits. Read the checksum from its publisher and write it there, with its source.",
    ].join("\n"),
  );
  expect(await readObject(mirror.s3, mirror.bucket, `releases/${versionsHash(releases)}.json`)).toBeUndefined();
});

test("an archive with another checksum is refused and not kept", async () => {
  const downloads = temporaryFolder();
  const wrong = "0".repeat(64);
  const releases = lock({ nomad: { sha256: wrong } });
  const mirror = await props(releases, downloads);
  const { url, sha256: right } = file("nomad");
  await expect(mirrorReleases(mirror)).rejects.toThrow(
    `${url}: wrong content, got sha256 ${right}; expected ${wrong}. Compare both with its publisher; if that names the new one, write it into config/locks/releases.ts.`,
  );
  expect(existsSync(join(downloads, wrong))).toBe(false);
  expect(readdirSync(downloads).filter((name) => name.endsWith(".partial"))).toEqual([]);
  expect(await readObject(mirror.s3, mirror.bucket, `releases/${versionsHash(releases)}.json`)).toBeUndefined();
});

test("a member that is not in its archive, and an address that answers nothing, are named", async () => {
  const member = await props(lock({ node: { member: "bin/other" } }), temporaryFolder());
  await expect(mirrorReleases(member)).rejects.toThrow(
    `${file("node").url}: has no file bin/other; expected the program under that name. Correct \`member\` in config/locks/releases.ts.`,
  );
  const url = file("node").url.replace("node", "gone");
  const gone = await props(lock({ node: { url } }), temporaryFolder());
  await expect(mirrorReleases(gone)).rejects.toThrow(`${url}: not fetched, got HTTP 404.`);
});

test("programs built on this machine are uploaded again when they changed, and only those", async () => {
  const folder = temporaryFolder();
  for (const program of programs) writeFileSync(join(folder, program), bytesOf(program));
  const mirror = { ...(await props(lock(), temporaryFolder())), find: builtPrograms(async (program) => join(folder, program)) };
  expect((await mirrorReleases(mirror)).uploaded).toHaveLength(6);
  writeFileSync(join(folder, "app-host"), "built anew");
  const { uploaded, manifest } = await mirrorReleases(mirror);
  expect(uploaded).toEqual(["releases/app-host/1.0.0/amd64/app-host"]);
  const { files } = JSON.parse((await readObject(mirror.s3, mirror.bucket, manifest))?.text ?? "") as { files: Record<string, string> };
  expect(files["releases/app-host/1.0.0/amd64/app-host"]).toBe(sha256("built anew"));
});
