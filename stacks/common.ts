import { relative, resolve } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider/index.js";
import { App, LocalBackend, S3Backend, type TerraformStack } from "cdktf";
import { stateBucketName } from "../constructs/core/names.ts";

/** Where Terraform keeps a stack's state. */
type StateSettings =
  | { readonly kind: "s3"; readonly region: string }
  /** `folder`: absolute, or from the folder that synth runs in. */
  | { readonly kind: "local"; readonly folder: string };

/** How the AWS API is spoken to, where it is not AWS itself. */
export interface ApiSettings {
  /** The provider's retries of one call. */
  readonly maxRetries: number;
  /** Bucket in the path instead of the host name. */
  readonly s3PathStyle: boolean;
}

/** AWS itself; 25 is the provider's default. */
export const awsApi: ApiSettings = { maxRetries: 25, s3PathStyle: false };

/** What every stack needs to know. */
export interface StackProps {
  readonly environment: string;
  readonly region: string;
  /** The only account that the provider agrees to work in. */
  readonly accountId: string;
  readonly allowDestroy: boolean;
  readonly state: StateSettings;
  readonly api: ApiSettings;
}

export type StackName = "keep" | "base" | "platform" | "apps";

/** `<environment>-<stack>-<region>`, so that `'production-*'` is an environment; keep stands outside that glob. */
export function stackId(name: StackName, { environment, region }: { readonly environment: string; readonly region: string }): string {
  return name === "keep" ? `keep-${environment}-${region}` : `${environment}-${name}-${region}`;
}

/** Tags of everything; what a killed run left behind is found by them. */
export function defaultTags(name: StackName, { environment, region }: { readonly environment: string; readonly region: string }) {
  return { environment, stack: name, region, "managed-by": "edge-fleet" };
}

/** Gives a stack its state, its provider and its required version, and returns the provider. */
export function equip(stack: TerraformStack, name: StackName, props: StackProps): AwsProvider {
  const { environment, region, accountId, api } = props;
  setBackend(stack, `${environment}/${name}/${region}.tfstate`, props);
  // State locks by S3 itself came with Terraform 1.10 and OpenTofu 1.10.
  stack.addOverride("terraform.required_version", ">= 1.10.0");
  return new AwsProvider(stack, "aws", {
    region,
    allowedAccountIds: [accountId],
    maxRetries: api.maxRetries,
    s3UsePathStyle: api.s3PathStyle,
    defaultTags: [{ tags: defaultTags(name, props) }],
  });
}

function setBackend(stack: TerraformStack, key: string, { environment, accountId, state, api }: StackProps): void {
  if (state.kind === "local") {
    // Relative to the stack's folder, where Terraform runs: the same on every machine, and in the stacks that read it.
    const folder = resolve(App.of(stack).outdir, "stacks", stack.node.id);
    new LocalBackend(stack, { path: relative(folder, resolve(state.folder, key)) });
    return;
  }
  const settings = {
    bucket: stateBucketName({ environment, region: state.region, accountId }),
    key,
    region: state.region,
    encrypt: true,
    // Terraform knows it, cdktf's type does not yet.
    useLockfile: true,
    allowedAccountIds: [accountId],
    maxRetries: api.maxRetries,
    usePathStyle: api.s3PathStyle,
  };
  new S3Backend(stack, settings);
}
