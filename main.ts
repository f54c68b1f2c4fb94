import { App } from "cdktf";
import { loadEnvironments } from "./config/load.ts";
import { images } from "./config/locks/images.ts";
import { releases } from "./config/locks/releases.ts";
import { readAgentProgram } from "./constructs/bootstrap/agent-program.ts";
import { addEnvironment } from "./stacks/environment.ts";

/** All environments, or the one that ENVIRONMENT names. */
const only = process.env.ENVIRONMENT;
const all = loadEnvironments();
const selected = all.filter(({ name }) => only === undefined || name === only);
if (selected.length === 0)
  throw new Error(
    `ENVIRONMENT: no such environment, got ${JSON.stringify(only)}; expected one of ${all.map(({ name }) => name).join(", ")}. Add a file to config/environments, or unset the variable`,
  );

const app = new App();
const agentProgram = readAgentProgram();
for (const environment of selected) addEnvironment(app, environment, { releases, images, agentProgram });
app.synth();
