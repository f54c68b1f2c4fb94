import type { Environment } from "../../config/schema.ts";
import { isAtLeast, oldestTerraform } from "../terraform/program.ts";

export interface FolderProbe {
  readonly path: string;
  readonly writable: boolean;
}

/** What was found on this machine and in the account, before anything is touched. */
export interface Probes {
  /** `process.versions.node`. */
  readonly node: string;
  /** Undefined: neither Terraform nor OpenTofu runs. */
  readonly terraform: { readonly path: string; readonly version: string } | undefined;
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
    ...probes.folders.filter(({ writable }) => !writable).map(folderProblem),
    ...callerProblems(environment, probes.caller),
    ...probes.sandbox,
  ];
}

function nodeProblems(version: string): string[] {
  if (isAtLeast(version, oldestNode)) return [];
  return [`node: too old, got ${version}; expected ${oldestNode} or newer. Install a newer one from https://nodejs.org.`];
}

function terraformProblems(terraform: Probes["terraform"]): string[] {
  if (terraform === undefined) {
    return [
      `terraform: not installed, got no terraform and no tofu in PATH; expected terraform ${oldestTerraform.terraform} or tofu ${oldestTerraform.tofu}, or newer. Install one of them, or name it in TERRAFORM_BINARY_NAME.`,
    ];
  }
  const { path, version } = terraform;
  const oldest = /tofu[^/]*$/.test(path) ? oldestTerraform.tofu : oldestTerraform.terraform;
  if (isAtLeast(version, oldest)) return [];
  return [`${path}: too old, got ${version}; expected ${oldest} or newer, which locks states in S3. Install a newer one.`];
}

function folderProblem({ path }: FolderProbe): string {
  return `${path}: not writable, got no permission to make a file in it; expected that this user may. Change its owner, or run as another user.`;
}

function callerProblems({ name, accountId }: Environment, caller: Probes["caller"]): string[] {
  if (caller === "not asked") return [];
  if ("error" in caller) {
    return [
      `credentials: no use, got ${caller.error}; expected some of account ${accountId}. Sign in (\`aws sso login\`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
    ];
  }
  if (caller.accountId === accountId) return [];
  return [
    `credentials: wrong account, got ${caller.accountId}; expected ${accountId} (config/environments/${name}.ts). Choose the profile of that account with AWS_PROFILE, or name another environment.`,
  ];
}
