import { Eip } from "@cdktf/provider-aws/lib/eip/index.js";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway/index.js";
import { Route } from "@cdktf/provider-aws/lib/route/index.js";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import type { Network } from "./network.ts";

export interface NatEgressProps {
  readonly provider: TerraformProvider;
  readonly name: string;
  readonly network: Network;
}

/** Way out to the internet: a NAT gateway in each zone, so that losing one zone leaves the others' way open. */
export class NatEgress extends Construct {
  constructor(scope: Construct, id: string, props: NatEgressProps) {
    super(scope, id);
    const { provider } = props;
    for (const zone of props.network.zones) {
      const tags = { Name: `${props.name}-nat-${zone.name}` };
      const address = new Eip(this, `address-${zone.name}`, { provider, domain: "vpc", tags });
      const gateway = new NatGateway(this, `gateway-${zone.name}`, {
        provider,
        allocationId: address.allocationId,
        subnetId: zone.publicSubnetId,
        tags,
      });
      new Route(this, `route-${zone.name}`, {
        provider,
        routeTableId: zone.privateRouteTableId,
        destinationCidrBlock: "0.0.0.0/0",
        natGatewayId: gateway.id,
      });
    }
  }
}
