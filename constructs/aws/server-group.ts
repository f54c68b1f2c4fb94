import type { ITerraformDependable, TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { serverRole } from "../core/names.ts";
import { MachineGroup } from "./machine-group.ts";
import { type MachinePolicyProps, serverPolicy } from "./machine-policies.ts";
import { MachineRole } from "./machine-role.ts";
import { type MachineImage, MachineTemplate } from "./machine-template.ts";

export interface ServerGroupProps extends MachinePolicyProps {
  readonly provider: TerraformProvider;
  /** 3 or 5. */
  readonly count: number;
  readonly instanceType: string;
  readonly image: MachineImage;
  /** Size of the root volume, in GiB. */
  readonly diskGb: number;
  readonly volumeKeyArn: string;
  /** One per zone; servers are dealt out over them. */
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly userData: string;
  /** Names of the pools, whose secrets the servers keep. */
  readonly pools: readonly string[];
  /** Tags of the machines and their volumes, besides `role`. */
  readonly tags: Readonly<Record<string, string>>;
  readonly forceDelete: boolean;
  readonly dependsOn: readonly ITerraformDependable[];
}

/**
 * The servers of a cluster: a group of size 1 for each, in a zone of its own. A lost server comes back in its zone, and no
 * group ever has to choose which of several servers to stop.
 */
export class ServerGroup extends Construct {
  readonly role: MachineRole;

  constructor(scope: Construct, id: string, props: ServerGroupProps) {
    super(scope, id);
    const { provider, environment, region } = props;
    const tags = { ...props.tags, environment, role: "server" };
    this.role = new MachineRole(this, "role", {
      provider,
      environment,
      region,
      name: serverRole,
      description: `Nomad and Consul servers of ${environment}`,
      statements: serverPolicy(props),
    });
    const template = new MachineTemplate(this, "template", {
      ...props,
      name: serverRole,
      instanceProfileName: this.role.instanceProfileName,
      tags,
    });
    for (let index = 0; index < props.count; index++) {
      new MachineGroup(this, `server-${index}`, {
        provider,
        environment,
        region,
        name: `server-${index}`,
        template,
        size: 1,
        subnetIds: props.subnetIds.slice(index % props.subnetIds.length, (index % props.subnetIds.length) + 1),
        // The old server goes first: a cluster that is told of a fourth voter must not lose one of three before it.
        maintenance: { minHealthy: 0, maxHealthy: 100 },
        tags,
        forceDelete: props.forceDelete,
        dependsOn: [...this.role.ready, ...props.dependsOn],
      });
    }
  }
}
