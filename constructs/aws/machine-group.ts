import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group/index.js";
import type { ITerraformDependable, TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { physicalName } from "../core/names.ts";
import type { MachineTemplate } from "./machine-template.ts";

export interface MachineGroupProps {
  readonly provider: TerraformProvider;
  readonly environment: string;
  readonly region: string;
  /** `server-<n>`, or `pool-<name>`. */
  readonly name: string;
  readonly template: MachineTemplate;
  readonly size: number;
  readonly subnetIds: readonly string[];
  readonly targetGroupArns?: readonly string[];
  /** How much of the group may be gone and how much too many while machines are replaced, in percent. */
  readonly maintenance: { readonly minHealthy: number; readonly maxHealthy: number };
  /** Tags of the machines; agents find each other by them. */
  readonly tags: Readonly<Record<string, string>>;
  /** True: destroy does not wait for machines to leave in order. */
  readonly forceDelete: boolean;
  readonly dependsOn: readonly ITerraformDependable[];
}

/** An autoscaling group that holds a fixed number of machines of one template. */
export class MachineGroup extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, props: MachineGroupProps) {
    super(scope, id);
    const { environment, region, size, targetGroupArns } = props;
    const name = physicalName("autoscalingGroup", { environment, region, id: props.name });
    const group = new AutoscalingGroup(this, "group", {
      provider: props.provider,
      name,
      minSize: size,
      maxSize: size,
      desiredCapacity: size,
      vpcZoneIdentifier: [...props.subnetIds],
      launchTemplate: { id: props.template.id, version: props.template.version },
      // Whether its programs serve is for the agents to judge: a group would replace machines that are still booting.
      healthCheckType: "EC2",
      instanceMaintenancePolicy: {
        minHealthyPercentage: props.maintenance.minHealthy,
        maxHealthyPercentage: props.maintenance.maxHealthy,
      },
      forceDelete: props.forceDelete,
      ...(targetGroupArns === undefined ? {} : { targetGroupArns: [...targetGroupArns] }),
      tag: Object.entries({ ...props.tags, Name: name })
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
      dependsOn: [...props.dependsOn],
    });
    this.name = group.name;
  }
}
