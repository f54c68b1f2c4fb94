import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf, readDocument } from "../docs/documents.ts";

const run = promisify(execFile);
const project = resolve(import.meta.dirname, "../..");
let folder = "";

/** The README's example is the program of somebody else's project: its own stack, provider and network, and one call of ours. */
const [theirProgram = ""] = blocksOf(readDocument("README.md"), "ts");

/** Packs the project as npm would publish it and installs that in an empty folder; dependencies are this project's, so nothing is downloaded. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "edge-fleet-packed-"));
  await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: project });
  const [archive] = readdirSync(folder);
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "edge-fleet"), { recursive: true });
  await run("tar", [
    "--extract",
    "--gzip",
    "--strip-components=1",
    "--file",
    join(folder, archive ?? ""),
    "--directory",
    join(modules, "edge-fleet"),
  ]);
  for (const name of readdirSync(join(project, "node_modules")))
    if (!name.startsWith(".") && name !== "edge-fleet") symlinkSync(join(project, "node_modules", name), join(modules, name));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "theirs", type: "module", dependencies: { "edge-fleet": "*" } }));
  writeFileSync(join(folder, "main.ts"), theirProgram);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the constructs, packed and installed elsewhere", () => {
  test("are typed", async () => {
    const options = {
      target: "ES2023",
      module: "NodeNext",
      moduleResolution: "NodeNext",
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ["node"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["main.ts"] }));
    const compiler = join(project, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = await run(process.execPath, [compiler, "--project", folder], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout.split("\n").filter((line) => !/^node_modules\/(?!edge-fleet)|^\.\.|^ |^$/.test(line))).toEqual([]);
  }, 60_000);

  test("synthesise in a stack of another project", async () => {
    const program = join(folder, "main.mjs");
    writeFileSync(program, (await transform(theirProgram, { loader: "ts", format: "esm" })).code);
    await run(process.execPath, [program], { cwd: folder });
    const stack = join(folder, "cdktf.out", "stacks", "edge");
    const { resource } = JSON.parse(readFileSync(join(stack, "cdk.tf.json"), "utf8"));
    expect(Object.keys(resource.aws_autoscaling_group)).toHaveLength(4);
    const objects = Object.values<{ key: string; source?: string }>(resource.aws_s3_object);
    expect(objects.map(({ key }) => key.replace(/[0-9a-f]{64}/, "<hash>")).sort()).toEqual(["apps/hello/app.json", "bundles/<hash>.tar"]);
    const bundle = objects.find(({ source }) => source !== undefined)?.source ?? "";
    expect(existsSync(join(stack, bundle))).toBe(true);
    // The agent that was packed, and the scripts.
    const { stdout } = await run("tar", ["--list", "--file", join(stack, bundle)]);
    expect(stdout.split("\n")).toEqual(expect.arrayContaining(["agent/agent.cjs", "install.sh"]));
  }, 60_000);

  test("hold nothing but what was built", () => {
    const top = readdirSync(join(folder, "node_modules", "edge-fleet")).sort();
    expect(top.filter((name) => !["README.md", "LICENSE", "cli"].includes(name))).toEqual(["dist", "package.json"]);
  });
});
