import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret/index.js";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";

export interface SecretContainerProps {
  readonly provider: TerraformProvider;
  readonly name: string;
  readonly description: string;
  /** ARN of the key that encrypts the value. */
  readonly keyArn: string;
  /** True: gone at once, because a name in recovery blocks the next deploy. False: 30 days to bring it back, and Terraform refuses. */
  readonly allowDestroy: boolean;
}

/** A secret without a value: agents write and read that, so it is in no Terraform state. */
export class SecretContainer extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: SecretContainerProps) {
    super(scope, id);
    const secret = new SecretsmanagerSecret(this, "secret", {
      provider: props.provider,
      name: props.name,
      description: props.description,
      kmsKeyId: props.keyArn,
      recoveryWindowInDays: props.allowDestroy ? 0 : 30,
      lifecycle: { preventDestroy: !props.allowDestroy },
    });
    this.arn = secret.arn;
  }
}
