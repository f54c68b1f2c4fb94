import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile/index.js";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import type { ITerraformDependable, TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { physicalName } from "../core/names.ts";
import type { PolicyStatement } from "./machine-policies.ts";
import { servicePrincipal } from "./partition.ts";

export interface MachineRoleProps {
  readonly provider: TerraformProvider;
  readonly environment: string;
  readonly region: string;
  /** `servers`, or `pool-<name>`. */
  readonly name: string;
  readonly description: string;
  readonly statements: readonly PolicyStatement[];
}

/** What the machines of one kind are to AWS: a role that only EC2 can take on, with one policy. */
export class MachineRole extends Construct {
  readonly roleName: string;
  readonly roleArn: string;
  /** Known at synth, so that a launch template need not wait for the profile, which takes AWS some seconds to make known. */
  readonly instanceProfileName: string;
  /** Machines wait for these: one that boots without its permissions finds its secret denied. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: MachineRoleProps) {
    super(scope, id);
    const { provider } = props;
    const parts = { environment: props.environment, region: props.region, id: props.name };
    const role = new IamRole(this, "role", {
      provider,
      name: physicalName("role", parts),
      description: props.description,
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: servicePrincipal("ec2") }, Action: "sts:AssumeRole" }],
      }),
    });
    const policy = new IamRolePolicy(this, "policy", {
      provider,
      name: props.name,
      role: role.id,
      policy: JSON.stringify({ Version: "2012-10-17", Statement: props.statements }),
    });
    this.instanceProfileName = physicalName("instanceProfile", parts);
    const profile = new IamInstanceProfile(this, "profile", { provider, name: this.instanceProfileName, role: role.name });
    this.roleName = role.name;
    this.roleArn = role.arn;
    this.ready = [policy, profile];
  }
}
