import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { environments } from "./environments.ts";
import { describeProblem, showPath } from "./problem.ts";
import { type Environment, environmentSchema } from "./schema.ts";

/** Everything that is wrong with the environments, one line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

const environmentsFolder = fileURLToPath(new URL("./environments/", import.meta.url));

/**
 * All environments, checked, in the order of their names. Throws `ConfigError` with the problems of all of them.
 *
 * @param folder where the files lie, to notice one that is not listed. Default: `config/environments`.
 * @param inputs what the files say, by file name without `.ts`. Default: `config/environments.ts`.
 */
export function loadEnvironments(folder = environmentsFolder, inputs: Readonly<Record<string, unknown>> = environments): Environment[] {
  const problems = unlisted(folder, Object.keys(inputs));
  const loaded = Object.entries(inputs)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, input]) => {
      const result = check(input, name);
      problems.push(...result.problems);
      return result.environment === undefined ? [] : [result.environment];
    });
  if (problems.length > 0) throw new ConfigError(problems);
  return loaded;
}

/**
 * One environment, checked. Throws `ConfigError` with all its problems, each beginning with the environment's name.
 *
 * @param fileName the file it is from; its name without folder and `.ts` must be the environment's.
 */
export function parseEnvironment(input: unknown, fileName: string): Environment {
  const { environment, problems } = check(input, basename(fileName, ".ts"));
  if (environment === undefined) throw new ConfigError(problems);
  return environment;
}

type Checked = { readonly environment?: Environment; readonly problems: readonly string[] };

function check(input: unknown, name: string): Checked {
  const result = environmentSchema.safeParse(input);
  if (!result.success) return { problems: problemsOf(result.error, name) };
  if (result.data.name === name) return { environment: result.data, problems: [] };
  const problem = {
    wrong: "is not the name of its file",
    got: result.data.name,
    expected: JSON.stringify(name),
    todo: `Rename one of them, so that environment and file are found by one name`,
  };
  return { problems: [`${name}.name: ${describeProblem(problem)}`] };
}

function problemsOf(error: z.ZodError, name: string): string[] {
  return error.issues.flatMap((issue) => {
    const at = (path: readonly PropertyKey[]) => showPath([name, ...path]);
    if (issue.code !== "unrecognized_keys") return [`${at(issue.path)}: ${issue.message}`];
    return issue.keys.map((key) => {
      // The name and not the value: what has no place here may be a secret.
      const problem = { wrong: "is not a setting", got: key, expected: `one of ${issue.message}`, todo: "Correct its name or remove it" };
      return `${at([...issue.path, key])}: ${describeProblem(problem)}`;
    });
  });
}

/** A file that nobody imports would be ignored in silence. */
function unlisted(folder: string, listed: readonly string[]): string[] {
  // A packed bundle has no such folder, and no way to add a file to it either.
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && !listed.includes(basename(file, ".ts")))
    .sort()
    .map((file) => {
      const name = basename(file, ".ts");
      const problem = {
        wrong: "is not listed",
        got: listed,
        expected: `${name} among them`,
        todo: "Add it to config/environments.ts",
      };
      return `config/environments/${file}: ${describeProblem(problem)}`;
    });
}
