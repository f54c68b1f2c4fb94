import type { EC2Client } from "@aws-sdk/client-ec2";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type InstanceCredentials, instanceCredentials, metadataService } from "./metadata.ts";

export interface AwsAccess {
  readonly region: string;
  /** Default: the machine's own role. */
  readonly credentials?: () => Promise<InstanceCredentials>;
}

/** One request ends after seconds: callers try again themselves, and a machine must not hang at boot on a dead connection. */
const shared = ({ region, credentials = instanceCredentials(metadataService()) }: AwsAccess) => ({
  region,
  credentials,
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2000, requestTimeout: 8000 },
});

/** Loaded when first asked for: each client costs the boot a tenth of a second. */
export async function secretsManagerClient(access: AwsAccess): Promise<SecretsManagerClient> {
  const { SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  return new SecretsManagerClient(shared(access));
}

/** Loaded when first asked for. */
export async function ec2Client(access: AwsAccess): Promise<EC2Client> {
  const { EC2Client } = await import("@aws-sdk/client-ec2");
  return new EC2Client(shared(access));
}
