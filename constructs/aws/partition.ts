import { partitionOf } from "../../config/platforms.ts";

/** First part of every ARN in a region. By table and no lookup, so that policies are known at synth. */
export const partition = (region: string): string => partitionOf(region) ?? "aws";

/** Name of a service as key policies and trust policies spell it, e.g. `ec2.amazonaws.com`. */
export function servicePrincipal(service: string): string {
  return `${service}.amazonaws.com`;
}

/** Name of a regional API as `kms:ViaService` spells it, e.g. `s3.eu-central-1.amazonaws.com`. */
export function regionalService(service: string, region: string): string {
  return `${service}.${region}.amazonaws.com${partition(region) === "aws-cn" ? ".cn" : ""}`;
}

/** Name of a VPC endpoint service: China's begin with `cn.`. */
export function endpointService(service: string, region: string): string {
  return `${partition(region) === "aws-cn" && service !== "s3" ? "cn." : ""}com.amazonaws.${region}.${service}`;
}

/** ARN of a bucket, and of the objects below each prefix or key. */
export function bucketArn(region: string, bucket: string): string {
  return `arn:${partition(region)}:s3:::${bucket}`;
}

/**
 * ARN of a secret by its name. Secrets Manager adds a hyphen and six characters of its own; six question marks match
 * those and no other secret whose name merely begins alike, which an asterisk would.
 */
export function secretArn(parts: { readonly region: string; readonly accountId: string; readonly name: string }): string {
  return `arn:${partition(parts.region)}:secretsmanager:${parts.region}:${parts.accountId}:secret:${parts.name}-??????`;
}
