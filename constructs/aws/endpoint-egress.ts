import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group/index.js";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint/index.js";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { machineApis } from "./machine-apis.ts";
import type { Network } from "./network.ts";
import { endpointService } from "./partition.ts";

export interface EndpointEgressProps {
  readonly provider: TerraformProvider;
  readonly region: string;
  readonly name: string;
  readonly network: Network;
  /** Physical name of the endpoints' security group. */
  readonly securityGroupName: string;
}

/** Way out without internet: an endpoint in each zone for every API that machines call, and nothing else. */
export class EndpointEgress extends Construct {
  /** Who may use the endpoints is up to the rules of this group; it has none of its own. */
  readonly securityGroupId: string;

  constructor(scope: Construct, id: string, props: EndpointEgressProps) {
    super(scope, id);
    const { provider, network } = props;
    const group = new SecurityGroup(this, "security-group", {
      provider,
      name: props.securityGroupName,
      description: "Endpoints of the AWS APIs that machines call",
      vpcId: network.vpcId,
      tags: { Name: props.securityGroupName },
    });
    this.securityGroupId = group.id;
    for (const { service, endpoint } of machineApis) {
      if (endpoint !== "interface") continue;
      new VpcEndpoint(this, service, {
        provider,
        vpcId: network.vpcId,
        vpcEndpointType: "Interface",
        serviceName: endpointService(service, props.region),
        // Programs call the API by its usual name.
        privateDnsEnabled: true,
        subnetIds: network.zones.map(({ privateSubnetId }) => privateSubnetId),
        securityGroupIds: [group.id],
        tags: { Name: `${props.name}-${service}` },
      });
    }
  }
}
