import type { Environment } from "../../config/schema.ts";
import { isAtLeast, type NoTerraform, oldestTerraform, type TerraformProgram } from "../terraform/program.ts";

export interface FolderProbe {
  readonly path: string;
  /** Why no file can be made in it, such as `EACCES`; undefined: one can. */
  readonly error: string | undefined;
  /** Environment variable that chooses another folder, where there is one. */
  readonly variable?: string;
}

/** What was found on this machine and in the account, before anything is touched. */
export interface Probes {
  /** `process.versions.node`. */
  readonly node: string;
  readonly terraform: TerraformProgram | NoTerraform;
  readonly folders: readonly FolderProbe[];
  /** Who the credentials belong to; not asked where the account is emulated. */
  readonly caller: { readonly accountId: string } | { readonly error: string } | "not asked";
  /** What the sandbox lacks on this machine; empty for other environments. */
  readonly sandbox: readonly string[];
}

const oldestNode = "20.19.0";

/** Everything that stands in the way, one line each, in the order in which a person puts it right. */
export function preflightProblems(environment: Environment, probes: Probes): string[] {
  return [
    ...nodeProblems(probes.node),
    ...terraformProblems(probes.terraform),
    ...probes.folders.flatMap(folderProblems),
    ...callerProblems(environment, probes.caller),
    ...probes.sandbox.map(sentence),
  ];
}

function nodeProblems(version: string): string[] {
  if (isAtLeast(version, oldestNode)) return [];
  return [`node: too old, got ${version}; expected ${oldestNode} or newer. Install a newer one from https://nodejs.org.`];
}

function terraformProblems(terraform: Probes["terraform"]): string[] {
  if (!("version" in terraform)) return noTerraform(terraform);
  const { path, version } = terraform;
  const oldest = /tofu[^/]*$/.test(path) ? oldestTerraform.tofu : oldestTerraform.terraform;
  if (isAtLeast(version, oldest)) return [];
  return [`${path}: too old, got ${version}; expected ${oldest} or newer, which locks states in S3. Install a newer one.`];
}

function noTerraform({ named, broken }: NoTerraform): string[] {
  const expected = `expected terraform ${oldestTerraform.terraform} or tofu ${oldestTerraform.tofu}, or newer`;
  const other = named === undefined ? "Install it anew, or name another in TERRAFORM_BINARY_NAME" : "Install it anew, or name another";
  if (broken.length > 0) {
    return broken.map(({ path, error }) => `${path}: does not run, got ${error} from \`${path} version -json\`; ${expected}. ${other}.`);
  }
  if (named !== undefined) {
    return [`TERRAFORM_BINARY_NAME: no program, got ${JSON.stringify(named)}; ${expected}. Name one of them, or unset the variable.`];
  }
  return [
    `terraform: not installed, got no terraform and no tofu in PATH; ${expected}. Install one of them, or name it in TERRAFORM_BINARY_NAME.`,
  ];
}

function folderProblems({ path, error, variable }: FolderProbe): string[] {
  if (error === undefined) return [];
  const other = variable === undefined ? "or run as another user" : `run as another user, or set ${variable} to another folder`;
  return [`${path}: not writable, got ${error} for a file in it; expected that this user may make one. Change its owner, ${other}.`];
}

function callerProblems({ name, accountId }: Environment, caller: Probes["caller"]): string[] {
  if (caller === "not asked") return [];
  if ("error" in caller) {
    return [
      `credentials: no use, got ${caller.error.replace(/\.$/, "")}; expected some of account ${accountId}. Sign in (\`aws sso login\`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
    ];
  }
  if (caller.accountId === accountId) return [];
  return [
    `credentials: wrong account, got ${caller.accountId}; expected ${accountId} (config/environments/${name}.ts). Choose the profile of that account with AWS_PROFILE, or name another environment.`,
  ];
}

function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
