import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias/index.js";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key/index.js";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { partition, regionalService } from "./partition.ts";

export interface ServiceKeyProps {
  readonly provider: TerraformProvider;
  readonly region: string;
  readonly accountId: string;
  /** The one service that may use the key, as its regional name begins: `secretsmanager`, `s3`, `ec2`. */
  readonly service: string;
  /** Alias without `alias/`; people and commands find the key by it. */
  readonly name: string;
  readonly description: string;
  /** False: Terraform refuses to destroy the key, and with it everything that it encrypted. */
  readonly allowDestroy: boolean;
}

/**
 * A KMS key for one service. Whoever may use the service's resource may use the key through the service, as with
 * AWS's own key of that service, and nobody may use it directly: so access is granted in one place, on the resource,
 * and no role names a key.
 */
export class ServiceKey extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: ServiceKeyProps) {
    super(scope, id);
    const { provider, region, accountId, allowDestroy } = props;
    const key = new KmsKey(this, "key", {
      provider,
      description: props.description,
      enableKeyRotation: true,
      // The shortest that KMS takes; a name is free at once because the alias goes with the destroy.
      deletionWindowInDays: allowDestroy ? 7 : 30,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "Administration",
            Effect: "Allow",
            Principal: { AWS: `arn:${partition(region)}:iam::${accountId}:root` },
            Action: "kms:*",
            Resource: "*",
          },
          {
            Sid: "UseThroughService",
            Effect: "Allow",
            Principal: { AWS: "*" },
            Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"],
            Resource: "*",
            Condition: {
              StringEquals: { "kms:CallerAccount": accountId, "kms:ViaService": regionalService(props.service, region) },
            },
          },
        ],
      }),
      lifecycle: { preventDestroy: !allowDestroy },
    });
    new KmsAlias(this, "alias", { provider, name: `alias/${props.name}`, targetKeyId: key.keyId });
    this.arn = key.arn;
  }
}
