import type { ITerraformDependable, TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { poolRole } from "../core/names.ts";
import { MachineGroup } from "./machine-group.ts";
import { type MachinePolicyProps, poolPolicy } from "./machine-policies.ts";
import { MachineRole } from "./machine-role.ts";
import { type MachineImage, MachineTemplate } from "./machine-template.ts";

export interface NodePoolProps extends MachinePolicyProps {
  readonly provider: TerraformProvider;
  /** Name of the pool; its machines carry it as tag `pool`. */
  readonly pool: string;
  /** Machines, dealt out over the subnets. */
  readonly size: number;
  readonly instanceType: string;
  readonly image: MachineImage;
  /** Size of the root volume, in GiB. */
  readonly diskGb: number;
  readonly volumeKeyArn: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly userData: string;
  /** Target groups that the machines register with: a pool with ingress. */
  readonly targetGroupArns?: readonly string[];
  /** Tags of the machines and their volumes, besides `role` and `pool`. */
  readonly tags: Readonly<Record<string, string>>;
  readonly forceDelete: boolean;
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Machines of one kind that run Nomad and Consul clients, and a role of their own. */
export class NodePool extends Construct {
  readonly role: MachineRole;

  constructor(scope: Construct, id: string, props: NodePoolProps) {
    super(scope, id);
    const { provider, environment, region, pool } = props;
    const tags = { ...props.tags, environment, role: "client", pool };
    this.role = new MachineRole(this, "role", {
      provider,
      environment,
      region,
      name: poolRole(pool),
      description: `Machines of the pool ${pool} of ${environment}`,
      statements: poolPolicy(props),
    });
    const template = new MachineTemplate(this, "template", {
      ...props,
      name: poolRole(pool),
      instanceProfileName: this.role.instanceProfileName,
      tags,
    });
    new MachineGroup(this, "machines", {
      provider,
      environment,
      region,
      name: poolRole(pool),
      template,
      size: props.size,
      subnetIds: props.subnetIds,
      ...(props.targetGroupArns === undefined ? {} : { targetGroupArns: props.targetGroupArns }),
      // A new machine first, so that a pool of one goes on answering.
      maintenance: { minHealthy: 100, maxHealthy: 200 },
      tags,
      forceDelete: props.forceDelete,
      dependsOn: [...this.role.ready, ...props.dependsOn],
    });
  }
}
