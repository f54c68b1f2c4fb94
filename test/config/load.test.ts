import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { environments } from "../../config/environments.ts";
import { ConfigError, loadEnvironments } from "../../config/load.ts";
import { exampleEnvironment } from "./example.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "edge-fleet-load-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}

test("loads every environment of the repository, in the order of their names", () => {
  const names = loadEnvironments().map(({ name }) => name);
  expect(names).toContain("sandbox");
  expect(names).toContain("exampleaws");
  expect(names).toEqual([...names].sort());
});

test("lists every file of config/environments under its own name", () => {
  const files = readdirSync(fileURLToPath(new URL("../../config/environments/", import.meta.url)));
  expect(Object.keys(environments).sort()).toEqual(files.map((file) => basename(file, ".ts")).sort());
  for (const [name, input] of Object.entries(environments)) expect(input.name).toBe(name);
});

test("fails for a file that nobody lists", () => {
  writeFileSync(join(folder, "example.ts"), "");
  writeFileSync(join(folder, "forgotten.ts"), "");
  expect(problemsOf(() => loadEnvironments(folder, { example: exampleEnvironment() }))).toEqual([
    'config/environments/forgotten.ts: is not listed, got ["example"]; expected forgotten among them. Add it to config/environments.ts',
  ]);
});

test("loads where there is no folder, as in a packed bundle", () => {
  expect(loadEnvironments(join(folder, "none"), { example: exampleEnvironment() })).toHaveLength(1);
});

test("reports the problems of all environments at once", () => {
  const inputs = { one: { ...exampleEnvironment(), name: "one", accountId: 1 }, two: { ...exampleEnvironment(), name: "three" } };
  expect(problemsOf(() => loadEnvironments(folder, inputs))).toEqual([
    "one.accountId: is not an AWS account id, got 1; expected 12 digits in quotes. Ask `aws sts get-caller-identity` for it",
    'two.name: is not the name of its file, got "three"; expected "two". Rename one of them, so that environment and file are found by one name',
  ]);
});
