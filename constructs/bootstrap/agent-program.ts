import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Beside the sources where the project is checked out, beside this file where it is installed as a package. */
const places = ["../../.build/agent.cjs", "./agent.cjs"].map((place) => fileURLToPath(new URL(place, import.meta.url)));

/** The agent as one file, as `node agent/build.mjs` makes it. */
export function readAgentProgram(candidates: readonly string[] = places): string {
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file === undefined)
    throw new Error(`${candidates[0]}: the agent's program, got no such file; expected the bundled agent. Run \`node agent/build.mjs\``);
  return readFileSync(file, "utf8");
}
