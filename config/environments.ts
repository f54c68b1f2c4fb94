import exampleaws from "./environments/exampleaws.ts";
import sandbox from "./environments/sandbox.ts";
import type { EnvironmentInput } from "./schema.ts";

/** Every file of `config/environments/`, by its name: imported here, so that one bundle holds all of them. */
export const environments: Readonly<Record<string, EnvironmentInput>> = { exampleaws, sandbox };
