import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { STSClient } from "@aws-sdk/client-sts";

export type Variables = Readonly<Record<string, string | undefined>>;

export interface AwsClients {
  readonly region: string;
  readonly s3: S3Client;
  readonly sts: STSClient;
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly secrets: SecretsManagerClient;
}

/**
 * Clients of one region. `variables` are those that Terraform gets as well; endpoint and keys in them count before what the
 * process itself has, because the sandbox's are known only once it runs. Where they name no keys, the SDK's own chain looks.
 */
export function awsClients(variables: Variables, region: string): AwsClients {
  const endpoint = variables.AWS_ENDPOINT_URL;
  const accessKeyId = variables.AWS_ACCESS_KEY_ID;
  const secretAccessKey = variables.AWS_SECRET_ACCESS_KEY;
  const sessionToken = variables.AWS_SESSION_TOKEN;
  const settings = {
    region,
    maxAttempts: 4,
    ...(endpoint ? { endpoint } : {}),
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } } : {}),
  };
  return {
    region,
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    sts: new STSClient(settings),
    ec2: new EC2Client(settings),
    autoScaling: new AutoScalingClient(settings),
    loadBalancing: new ElasticLoadBalancingV2Client(settings),
    iam: new IAMClient(settings),
    kms: new KMSClient(settings),
    secrets: new SecretsManagerClient(settings),
  };
}

/** Code of an AWS error (`NoSuchKey`, `AccessDenied`), whatever was thrown. */
export function awsErrorName(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

/** HTTP status of an AWS error. */
export function awsStatus(error: unknown): number | undefined {
  const metadata: unknown = typeof error === "object" && error !== null && "$metadata" in error ? error.$metadata : undefined;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}
