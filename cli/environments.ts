import { ConfigError, loadEnvironments } from "../config/load.ts";
import { sandboxAccountId } from "../config/platforms.ts";
import type { Environment } from "../config/schema.ts";
import type { Architecture } from "../constructs/core/artefacts.ts";
import { artefactBucketName } from "../constructs/core/names.ts";
import { UserError, UserErrors } from "./errors.ts";

/** The environment of that name, checked; all problems of all environments at once, because one state holds names of all. */
export function findEnvironment(name: string): Environment {
  const all = load();
  const found = all.find((environment) => environment.name === name);
  if (found !== undefined) return found;
  throw new UserError(
    `environment: unknown, got ${JSON.stringify(name)}; expected ${all.map((environment) => environment.name).join(" | ")}`,
    `Name one of them, or write config/environments/${name}.ts`,
  );
}

function load(): Environment[] {
  try {
    return loadEnvironments();
  } catch (error) {
    if (error instanceof ConfigError) throw new UserErrors(error.problems);
    throw error;
  }
}

/** An emulated account: no real credentials can match its number, so nothing real can be lost in it. */
export function isSandbox({ accountId }: Environment): boolean {
  return accountId === sandboxAccountId;
}

export function regionsOf(environment: Environment): string[] {
  return Object.keys(environment.regions).sort();
}

export function artefactBucket(environment: Environment, region: string): string {
  return artefactBucketName({ environment: environment.name, region, accountId: environment.accountId });
}

/** Architectures of the environment's machines. */
export function architecturesOf({ platform }: Environment): Architecture[] {
  const all = new Set([platform.servers.arch, ...Object.values(platform.pools).map(({ arch }) => arch)]);
  return [...all].sort();
}
