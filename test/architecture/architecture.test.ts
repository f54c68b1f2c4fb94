import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && existsSync(file));
const sources = files.filter((file) => /\.(ts|mjs)$/.test(file) && !file.includes("/rendered/"));
const text = (file: string): string => readFileSync(file, "utf8");
const inFolders = (...folders: string[]): string[] => sources.filter((file) => folders.some((folder) => file.startsWith(`${folder}/`)));

describe("the house", () => {
  test("a file does one thing: no source is over 250 lines by more than a table's worth", () => {
    const long = files
      .filter((file) => /\.(ts|mjs|sh|py|rs)$/.test(file) && !file.startsWith("test/") && !file.includes("/tests/"))
      .map((file) => `${file}: ${text(file).split("\n").length} lines`)
      .filter((line) => Number(line.split(": ")[1]?.split(" ")[0]) > 280);
    expect(long).toEqual([]);
  });

  test("no barrels: a name is imported from the file that defines it", () => {
    expect(sources.filter((file) => /^export (\*|\{[^}]*\}) from/m.test(text(file)))).toEqual([]);
    expect(sources.filter((file) => /(^|\/)index\.ts$/.test(file) && !file.startsWith("apps/"))).toEqual([]);
  });

  test("only main.ts and the programs read the process environment", () => {
    const readers = [...inFolders("config", "constructs", "stacks")].filter((file) => /process\.env/.test(text(file)));
    expect(readers).toEqual([]);
  });

  test("no construct or stack asks whether it talks to an emulator", () => {
    const asking = inFolders("constructs", "stacks").filter((file) =>
      /sandboxAccountId|AWS_ENDPOINT_URL|isSandbox|isEmulator/.test(text(file)),
    );
    expect(asking).toEqual([]);
  });

  test("only enable-wasm-platform.ts switches on a platform's kind, and nobody tests a platform's class", () => {
    const switching = inFolders("constructs", "stacks").filter(
      (file) => file !== "constructs/platforms/enable-wasm-platform.ts" && /switch \([^)]*kind\)|kind === "|kind !== "/.test(text(file)),
    );
    expect(switching.filter((file) => !file.startsWith("stacks/common"))).toEqual([]);
    expect(inFolders("constructs", "stacks").filter((file) => /instanceof \w*Platform/.test(text(file)))).toEqual([]);
  });

  test("main.ts stays a list: 50 lines at most", () => {
    expect(text("main.ts").split("\n").length).toBeLessThanOrEqual(51);
  });

  test("synth and agent load no provider index, and the agent knows nothing of CDKTF", async () => {
    const inputs = async (entry: string): Promise<string[]> => {
      const { metafile } = await build({
        entryPoints: [entry],
        bundle: true,
        write: false,
        metafile: true,
        platform: "node",
        format: "esm",
        logLevel: "silent",
      });
      return Object.keys(metafile.inputs);
    };
    const synth = await inputs("main.ts");
    expect(synth.some((file) => file.includes("@cdktf/provider-aws/lib/"))).toBe(true);
    expect(synth.filter((file) => /@cdktf\/provider-[a-z]+\/lib\/(lazy-)?index\.js$/.test(file))).toEqual([]);
    expect((await inputs("agent/main.ts")).filter((file) => /node_modules\/(cdktf|constructs|@cdktf)\//.test(file))).toEqual([]);
  });

  test("no path of one machine in the project", () => {
    const named = files.filter(
      (file) =>
        !file.endsWith("package-lock.json") &&
        !file.endsWith("architecture.test.ts") &&
        /\/tf-plugins|\/root\/\.cache|\/work\/main/.test(text(file)),
    );
    expect(named).toEqual([]);
  });
});
