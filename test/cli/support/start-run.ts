// Starts a run as `fleet` would and then waits to be killed: argv = state root, stack folder, program.
import { stateFolders } from "../../../cli/folders.ts";
import { startRun } from "../../../cli/terraform/run.ts";

const [root = "", folder = "", path = ""] = process.argv.slice(2);
startRun(stateFolders("sandbox", root), {
  stack: { name: "sandbox-base-us-east-1", folder, configHash: "hash" },
  operation: "apply",
  program: path,
  args: ["apply"],
  variables: process.env,
});
process.stdout.write("started\n");
setInterval(() => {}, 1000);
