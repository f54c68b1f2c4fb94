import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { EndpointEgress } from "../constructs/aws/endpoint-egress.ts";
import { publicHttpPort } from "../constructs/aws/ingress-load-balancer.ts";
import { MachineSecurityGroups } from "../constructs/aws/machine-security-groups.ts";
import { NatEgress } from "../constructs/aws/nat-egress.ts";
import { Network } from "../constructs/aws/network.ts";
import { ServiceKey } from "../constructs/aws/service-key.ts";
import { physicalName } from "../constructs/core/names.ts";
import type { AwsNomadNetwork } from "../constructs/platforms/aws-nomad-props.ts";
import { equip, type StackProps, stackId } from "./common.ts";

export interface BaseProps extends StackProps {
  /** IPv4 block of the VPC, /16 to /20. */
  readonly cidr: string;
  /** Names of the zones. */
  readonly zones: readonly string[];
  /** How machines reach AWS APIs other than S3. */
  readonly egress: "endpoints" | "nat";
}

/** What changes once a year: network, ways out, shared security groups, the key of the machines' volumes. */
export class BaseStack extends TerraformStack {
  /** For the stacks that put something into this network. */
  readonly network: AwsNomadNetwork;

  constructor(scope: Construct, props: BaseProps) {
    super(scope, stackId("base", props));
    const provider = equip(this, "base", props);
    const { environment, region, accountId, allowDestroy } = props;
    const groupName = (id: string): string => physicalName("securityGroup", { environment, region, id });

    const network = new Network(this, "network", { provider, region, name: environment, cidr: props.cidr, zones: props.zones });
    const groups = new MachineSecurityGroups(this, "security-groups", {
      provider,
      vpcId: network.vpcId,
      s3PrefixListId: network.s3PrefixListId,
      names: { servers: groupName("servers"), clients: groupName("clients"), ingress: groupName("ingress") },
      publicPort: publicHttpPort,
      egress: this.wayOut(props, network, provider, groupName("endpoints")),
    });
    const volumeKey = new ServiceKey(this, "volumes-key", {
      provider,
      region,
      accountId,
      // As AWS's own key for volumes: autoscaling's role may use it without being named, and may not exist yet.
      service: "ec2",
      name: physicalName("keyAlias", { environment, region, id: "volumes" }),
      description: `Volumes of the machines of ${environment} in ${region}`,
      allowDestroy,
    });
    this.network = {
      vpcId: network.vpcId,
      publicSubnetIds: network.zones.map(({ publicSubnetId }) => publicSubnetId),
      privateSubnetIds: network.zones.map(({ privateSubnetId }) => privateSubnetId),
      securityGroupIds: groups.ids,
      volumeKeyArn: volumeKey.arn,
    };
  }

  private wayOut(
    { egress, environment, region }: BaseProps,
    network: Network,
    provider: ReturnType<typeof equip>,
    securityGroupName: string,
  ): { endpointsSecurityGroupId: string } | "internet" {
    if (egress === "nat") {
      new NatEgress(this, "nat", { provider, name: environment, network });
      return "internet";
    }
    const endpoints = new EndpointEgress(this, "endpoints", { provider, region, name: environment, network, securityGroupName });
    return { endpointsSecurityGroupId: endpoints.securityGroupId };
  }
}
