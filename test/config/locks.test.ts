import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { environments } from "../../config/environments.ts";
import { images } from "../../config/locks/images.ts";
import { releases } from "../../config/locks/releases.ts";
import { type Program, type ReleasesLock, versionsHash } from "../../config/releases.ts";

const programs = Object.keys(releases) as Program[];
const files = programs.flatMap((program) =>
  (["amd64", "arm64"] as const).map((arch) => ({ program, arch, version: releases[program].version, ...releases[program].files[arch] })),
);

const hosts: Record<Program, string> = {
  node: "https://nodejs.org/dist/",
  consul: "https://releases.hashicorp.com/consul/",
  nomad: "https://releases.hashicorp.com/nomad/",
  traefik: "https://github.com/traefik/traefik/releases/download/",
  "app-host": "https://github.com/edge-fleet/edge-fleet/releases/download/",
  "app-compile": "https://github.com/edge-fleet/edge-fleet/releases/download/",
};

describe("releases", () => {
  test.each(files)("$program for $arch is an archive of its maker, of the locked version", ({ program, arch, version, url, member }) => {
    expect(url.startsWith(hosts[program])).toBe(true);
    expect(url).toMatch(/\.(zip|tar\.gz)$/);
    const file = url.slice(url.lastIndexOf("/") + 1);
    expect(file).toContain(version);
    expect(file).toMatch(arch === "amd64" ? /[_-](amd64|x64)\./ : /[_-]arm64\./);
    expect(member.endsWith(program)).toBe(true);
    expect(member.startsWith("/") || member.includes("..")).toBe(false);
  });

  test.each(files)("$program for $arch says where its checksum is from, or that the mirror refuses it", ({ sha256, checksumSource }) => {
    if (sha256 === null) expect(checksumSource).toContain("the mirror refuses it until");
    else {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(checksumSource).toMatch(/^github\.com\/|^https:\/\//);
    }
  });

  test("no two archives have one checksum or one address", () => {
    const known = files.flatMap(({ sha256 }) => (sha256 === null ? [] : [sha256]));
    expect(new Set(known).size).toBe(known.length);
    expect(new Set(files.map(({ url }) => url)).size).toBe(files.length);
  });
});

describe("the hash of the versions", () => {
  const withVersions = (versions: readonly string[]): ReleasesLock =>
    Object.fromEntries(
      programs.map((program, index) => [program, { ...releases[program], version: versions[index] ?? "" }]),
    ) as ReleasesLock;
  const versions = fc.array(fc.stringMatching(/^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$/), {
    minLength: programs.length,
    maxLength: programs.length,
  });

  test("has 16 hex digits", () => expect(versionsHash(releases)).toMatch(/^[0-9a-f]{16}$/));

  test("does not depend on the order of the programs", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(programs, { minLength: programs.length }), (order) => {
        const shuffled = Object.fromEntries(order.map((program) => [program, releases[program]])) as ReleasesLock;
        expect(versionsHash(shuffled)).toBe(versionsHash(releases));
      }),
    );
  });

  test("differs exactly where a version differs", () => {
    fc.assert(
      fc.property(versions, versions, (one, other) => {
        expect(versionsHash(withVersions(one)) === versionsHash(withVersions(other))).toBe(one.join() === other.join());
      }),
    );
  });

  test("differs where two programs swap their versions", () => {
    const swapped = { ...releases, consul: releases.nomad, nomad: releases.consul };
    expect(versionsHash(swapped)).not.toBe(versionsHash(releases));
  });

  test("is the same for programs from another place", () => {
    const elsewhere = { ...releases, node: { ...releases.node, files: releases.consul.files } };
    expect(versionsHash(elsewhere)).toBe(versionsHash(releases));
  });
});

describe("images", () => {
  const entries = Object.entries(images).flatMap(([environment, regions]) =>
    Object.entries(regions).flatMap(([region, ids]) => Object.entries(ids).map(([arch, id]) => ({ environment, region, arch, id }))),
  );

  test.each(entries)("$environment $region $arch is an image of an environment that exists", ({ environment, region, id }) => {
    expect(Object.keys(environments[environment]?.regions ?? {})).toContain(region);
    expect(id).toMatch(/^ami-([0-9a-f]{8}|[0-9a-f]{17})$/);
  });

  test("the sandbox needs nobody to look up its image", () => {
    const { servers, pools } = environments.sandbox?.platform ?? {};
    const archs = [servers?.arch, ...Object.values(pools ?? {}).map(({ arch }) => arch)];
    for (const arch of archs) expect(images.sandbox?.["us-east-1"]?.[arch ?? "amd64"]).toBeDefined();
  });
});
