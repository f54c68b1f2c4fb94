import { join } from "node:path";
import { type Context, clientsOf } from "../context.ts";
import { regionsOf } from "../environments.ts";
import { UserErrors } from "../errors.ts";
import { cacheRoot, projectFolder } from "../folders.ts";
import { lookForTerraform } from "../terraform/program.ts";
import { probeCaller, probeFolder } from "./probe.ts";
import { preflightProblems } from "./problems.ts";

/** Looks at everything a command needs before anything is touched, and throws all that is wrong at once. */
export async function preflight(context: Context): Promise<void> {
  const { environment, sandbox, folders } = context;
  const [region = "us-east-1"] = regionsOf(environment);
  const [terraform, caller, sandboxProblems] = await Promise.all([
    lookForTerraform(process.env),
    sandbox === undefined ? probeCaller(clientsOf(context, region).sts) : ("not asked" as const),
    sandbox === undefined ? [] : sandbox.preflight(),
  ]);
  const problems = preflightProblems(environment, {
    node: process.versions.node,
    terraform,
    folders: [
      { ...probeFolder(cacheRoot()), variable: "EDGE_FLEET_CACHE" },
      { ...probeFolder(folders.root), variable: "EDGE_FLEET_STATE" },
      probeFolder(join(projectFolder, "cdktf.out")),
    ],
    caller,
    sandbox: sandboxProblems,
  });
  if (problems.length > 0) throw new UserErrors(problems);
}
