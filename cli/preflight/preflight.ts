import { join } from "node:path";
import { type Context, clientsOf } from "../context.ts";
import { regionsOf } from "../environments.ts";
import { UserErrors } from "../errors.ts";
import { cacheRoot, projectFolder } from "../folders.ts";
import { findTerraform } from "../terraform/program.ts";
import { probeCaller, probeFolder } from "./probe.ts";
import { preflightProblems } from "./problems.ts";

/** Looks at everything a command needs before anything is touched, and throws all that is wrong at once. */
export async function preflight(context: Context): Promise<void> {
  const { environment, sandbox, folders } = context;
  const [region = "us-east-1"] = regionsOf(environment);
  const [terraform, caller, sandboxProblems] = await Promise.all([
    findTerraform(process.env),
    sandbox === undefined ? probeCaller(clientsOf(context, region).sts) : ("not asked" as const),
    sandbox === undefined ? [] : sandbox.preflight(),
  ]);
  const problems = preflightProblems(environment, {
    node: process.versions.node,
    terraform,
    folders: [cacheRoot(), folders.root, join(projectFolder, "cdktf.out")].map(probeFolder),
    caller,
    sandbox: sandboxProblems,
  });
  if (problems.length > 0) throw new UserErrors(problems);
}
