import { readFileSync } from "node:fs";
import { gzipSync, zipSync } from "fflate";
import { createTar } from "nanotar";
import { describe, expect, test } from "vitest";
import { releases } from "../../config/locks/releases.ts";
import type { Program } from "../../config/releases.ts";
import { extractProgram, fetchOfficial } from "../../sandbox/agents/official.ts";
import { recipes } from "../../sandbox/agents/recipes.ts";
import { platformProblems } from "../../sandbox/preflight.ts";

describe("recipes", () => {
  test("what is built from source has the version that the lock names", () => {
    for (const [program, recipe] of Object.entries(recipes) as [Program, (typeof recipes)[Program]][]) {
      if (recipe.kind === "npm") expect(recipe.version).toBe(releases[program].version);
      if (recipe.kind !== "go") continue;
      const module = readFileSync(`sandbox/agents/modules/${program}/go.mod`, "utf8");
      const sums = readFileSync(`sandbox/agents/modules/${program}/go.sum`, "utf8");
      expect(module).toContain(`${recipe.module} v${releases[program].version}`);
      expect(sums).toContain(`${recipe.module} v${releases[program].version} h1:`);
    }
  });

  test("ours are built from this repository in the lock's version", () => {
    const version = /^version = "(.+)"$/m.exec(readFileSync("app-host/Cargo.toml", "utf8"))?.[1];
    expect(releases["app-host"].version).toBe(version);
    expect(releases["app-compile"].version).toBe(version);
  });
});

describe("official releases", () => {
  const program = new TextEncoder().encode("program");

  test("a program comes out of a zip and out of a tar.gz", () => {
    expect(Buffer.from(extractProgram(zipSync({ "LICENSE.txt": new Uint8Array(3), consul: program }), "consul", "x.zip")).toString()).toBe(
      "program",
    );
    const tar = gzipSync(
      createTar([
        { name: "node-v1/bin/node", data: program },
        { name: "node-v1/README", data: "read" },
      ]),
    );
    expect(Buffer.from(extractProgram(tar, "node-v1/bin/node", "x.tar.gz")).toString()).toBe("program");
  });

  test("an archive without the program is an error that names both", () => {
    expect(() => extractProgram(zipSync({ other: program }), "consul", "https://example.invalid/x.zip")).toThrow(
      "https://example.invalid/x.zip: has no file consul, got an archive without it; expected the program there. Correct its path",
    );
  });

  test("without a checksum in the lock nothing is fetched", async () => {
    expect(await fetchOfficial({ url: "http://127.0.0.1:1/x.zip", sha256: null, checksumSource: "none", member: "x" })).toBeUndefined();
  });

  test("a publisher that cannot be reached leaves the other way open", async () => {
    expect(
      await fetchOfficial({ url: "http://127.0.0.1:1/x.zip", sha256: "0".repeat(64), checksumSource: "none", member: "x" }),
    ).toBeUndefined();
  });
});

describe("platformProblems", () => {
  test("another system and another user are told before anything is touched", () => {
    expect(platformProblems("darwin", 501)).toEqual([
      "operating system: no machines can boot here, got darwin; expected linux. Use a Linux machine, a virtual one is enough",
    ]);
    expect(platformProblems("linux", 1000)).toEqual([
      "user: no root, got user id 1000; expected 0. Run it by `sudo --preserve-env=PATH`, or as root",
    ]);
    expect(platformProblems("linux", 0)).toEqual([]);
  });
});
