import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { PrivateBucket } from "../constructs/aws/private-bucket.ts";
import { SecretContainer } from "../constructs/aws/secret-container.ts";
import { ServiceKey } from "../constructs/aws/service-key.ts";
import { artefactBucketName, bucketName, physicalName, poolRole, secretName, serverRole } from "../constructs/core/names.ts";
import { equip, type StackProps, stackId } from "./common.ts";

export interface KeepProps extends StackProps {
  /** Names of the node pools: each reads a secret of its own. */
  readonly pools: readonly string[];
}

/** How long a replaced or deleted object can be brought back. */
const keepReplacedDays = 30;

/**
 * What outlives the rest of a region: artefacts, backups, secrets, and the keys of these. Nothing here uses a key from
 * outside, so it can be restored into an empty account. Other stacks find it by name and never depend on it.
 */
export class KeepStack extends TerraformStack {
  constructor(scope: Construct, props: KeepProps) {
    super(scope, stackId("keep", props));
    const provider = equip(this, "keep", props);
    const { environment, region, accountId, allowDestroy } = props;
    const key = (id: string, service: string, description: string): string =>
      new ServiceKey(this, id, {
        provider,
        region,
        accountId,
        service,
        description,
        name: physicalName("keyAlias", { environment, region, id: id.replace(/-key$/, "") }),
        allowDestroy,
      }).arn;
    const common = { provider, allowDestroy, keepReplacedDays };

    // Programs and apps: nothing secret, and asked for by every machine every second, so S3's own keys.
    new PrivateBucket(this, "artefacts", { ...common, name: artefactBucketName({ environment, region, accountId }) });
    // Snapshots hold whatever the fleet knows.
    new PrivateBucket(this, "backups", {
      ...common,
      name: bucketName({ environment, region, accountId, id: "backups" }),
      keyArn: key("backups-key", "s3", `Backups of ${environment} in ${region}`),
    });

    const keyArn = key("secrets-key", "secretsmanager", `Secrets of ${environment} in ${region}`);
    for (const role of [serverRole, ...props.pools.map(poolRole)])
      new SecretContainer(this, `secret-${role}`, {
        provider,
        name: secretName({ environment, role }),
        description: `What ${role === serverRole ? "the servers keep" : `machines of ${role} need to join`}; written by servers`,
        keyArn,
        allowDestroy,
      });
  }
}
