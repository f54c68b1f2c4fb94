import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { blocksOf, commandsOf, readDocuments, relativeLinks } from "./documents.ts";

const run = promisify(execFile);
const project = resolve(import.meta.dirname, "../..");
const packageJson = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
const documents = readDocuments();
const folder = mkdtempSync(join(tmpdir(), "edge-fleet-docs-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("examples", () => {
  const examples = documents.flatMap((document) => blocksOf(document, "ts").map((code) => ({ name: document.name, code })));

  // That the README's synthesises is proven where it is run against the packed library: test/constructs/packed-library.test.ts.
  test("in TypeScript are typed, with imports that the package exports", async () => {
    expect(examples.map(({ name }) => name)).toContain("README.md");
    const files = examples.map(({ name, code }, index) => {
      const file = `${name.replace(/\W/g, "-")}-${index}.ts`;
      writeFileSync(join(folder, file), code);
      return file;
    });
    symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
    const paths = Object.entries<{ default: string }>(packageJson.exports).map(([path, { default: built }]) => [
      path.replace(/^\./, packageJson.name),
      [join(project, built.replace(/^\.\/dist\//, "").replace(/\.js$/, ".ts"))],
    ]);
    const compilerOptions = { paths: Object.fromEntries(paths) };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: join(project, "tsconfig.json"), compilerOptions, files }));
    expect(await output(join(project, "node_modules", ".bin", "tsc"), ["--project", folder])).toBe("");
  }, 60_000);
});

test("relative links lead to files", () => {
  const links = documents.flatMap((document) => relativeLinks(document).map((target) => ({ ...document, target })));
  expect(links.length).toBeGreaterThan(5);
  const dead = links.filter(({ folder: from, target }) => !existsSync(resolve(from, target)));
  expect(dead.map(({ name, target }) => `${name}: ${target}`)).toEqual([]);
});

describe("commands", () => {
  const named = (prefix: string) => documents.flatMap((document) => commandsOf(document, prefix).map((words) => ({ ...document, words })));

  test("of npm are scripts of the package.json that is meant", () => {
    const scripts = named("npm run");
    expect(scripts.length).toBeGreaterThan(5);
    const unknown = scripts.filter(({ folder: from, words }) => {
      const script = words.split(/\s/)[0] ?? "";
      const packages = [from, project].map((place) => join(place, "package.json")).filter(existsSync);
      return !packages.some((file) => JSON.parse(readFileSync(file, "utf8")).scripts?.[script] !== undefined);
    });
    expect(unknown.map(({ name, words }) => `${name}: npm run ${words}`)).toEqual([]);
  });

  test("of npx are programs that are installed", () => {
    const programs = named("npx").map(({ name, words }) => ({ name, program: words.split(/\s/)[0] ?? "" }));
    const own = Object.keys(packageJson.bin);
    const missing = programs.filter(({ program }) => !own.includes(program) && !existsSync(join(project, "node_modules", ".bin", program)));
    expect(missing).toEqual([]);
  });

  test("of fleet are commands, with arguments and options that they take", async () => {
    const calls = named("(?:npx |`)fleet");
    expect(calls.length).toBeGreaterThan(5);
    const wrong: string[] = [];
    const distinct = [...new Set(calls.map(({ words }) => words))];
    for (const words of distinct) {
      const problem = await callProblem(words.split(/\s+/));
      if (problem !== undefined) wrong.push(`fleet ${words}: ${problem}`);
    }
    expect(wrong).toEqual([]);
  }, 60_000);
});

/** What commander's help says against a call. Follows its words through the subcommands, then compares what is left with the usage. */
async function callProblem(words: readonly string[]): Promise<string | undefined> {
  const options = words.filter((word) => word.startsWith("-"));
  let rest = words.filter((word) => !word.startsWith("-"));
  const command: string[] = [];
  let help = await fleetHelp(command);
  while (/\[command\]/.test(usage(help))) {
    const [next, ...others] = rest;
    if (next === undefined || !new RegExp(`^  ${next}\\b`, "m").test(help.split("\nCommands:")[1] ?? "")) return `no command ${next}`;
    command.push(next);
    rest = others;
    help = await fleetHelp(command);
  }
  const unknown = options.filter((option) => !new RegExp(`[ ,]${option}\\b`).test(help));
  if (unknown.length > 0) return `no option ${unknown.join(", ")}`;
  const takes = usage(help).match(/[[<](?!options\])[^\]>]+[\]>]/g) ?? [];
  const needs = takes.filter((argument) => argument.startsWith("<"));
  if (rest.length < needs.length || rest.length > takes.length) return `takes ${takes.join(" ") || "no argument"}`;
  return undefined;
}

const usage = (help: string): string => help.split("\n")[0] ?? "";

const helps = new Map<string, Promise<string>>();

function fleetHelp(command: readonly string[]): Promise<string> {
  const key = command.join(" ");
  const known = helps.get(key) ?? output(process.execPath, [join(project, "cli", "fleet.mjs"), ...command, "--help"]);
  helps.set(key, known);
  return known;
}

/** Standard output, of a program that fails as well: a compiler's problems are its output. */
async function output(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, { cwd: project }).catch((error: { stdout?: string }) => {
    if (error.stdout === undefined) throw error;
    return { stdout: error.stdout };
  });
  return stdout;
}
