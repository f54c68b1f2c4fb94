import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group/index.js";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway/index.js";
import { Route } from "@cdktf/provider-aws/lib/route/index.js";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table/index.js";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association/index.js";
import { Subnet } from "@cdktf/provider-aws/lib/subnet/index.js";
import { Vpc } from "@cdktf/provider-aws/lib/vpc/index.js";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint/index.js";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { endpointService } from "./partition.ts";
import { subnetBlocks } from "./subnet-blocks.ts";

export interface NetworkProps {
  readonly provider: TerraformProvider;
  readonly region: string;
  /** Name for people, in each part's `Name` tag. */
  readonly name: string;
  /** IPv4 block of the VPC, /16 to /20. */
  readonly cidr: string;
  /** Names of the zones, e.g. `eu-central-1a`; a public and a private subnet in each. */
  readonly zones: readonly string[];
}

/** One zone's part of a network. */
export interface NetworkZone {
  readonly name: string;
  readonly publicSubnetId: string;
  readonly privateSubnetId: string;
  readonly privateRouteTableId: string;
}

/**
 * A VPC with a public and a private subnet per zone. Machines live in the private ones; those reach S3 by a gateway
 * endpoint, and other AWS APIs only by what `EndpointEgress` or `NatEgress` adds.
 */
export class Network extends Construct {
  readonly vpcId: string;
  readonly zones: readonly NetworkZone[];
  /** Addresses of S3 in this region, for security group rules. */
  readonly s3PrefixListId: string;

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { provider, name } = props;
    const vpc = new Vpc(this, "vpc", {
      provider,
      cidrBlock: props.cidr,
      // Private names of interface endpoints need both.
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: { Name: name },
    });
    this.vpcId = vpc.id;
    // What is put into a VPC without a group gets this one: it lets nothing through.
    new DefaultSecurityGroup(this, "default-security-group", { provider, vpcId: vpc.id, tags: { Name: `${name}-closed` } });

    const internet = new InternetGateway(this, "internet", { provider, vpcId: vpc.id, tags: { Name: name } });
    const publicTable = new RouteTable(this, "public-routes", { provider, vpcId: vpc.id, tags: { Name: `${name}-public` } });
    new Route(this, "public-internet", {
      provider,
      routeTableId: publicTable.id,
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: internet.id,
    });

    const blocks = subnetBlocks(props.cidr, props.zones.length);
    this.zones = props.zones.map((zone, index) => {
      const subnet = (kind: "private" | "public"): Subnet =>
        new Subnet(this, `${kind}-${zone}`, {
          provider,
          vpcId: vpc.id,
          availabilityZone: zone,
          cidrBlock: blocks[kind][index] ?? "",
          mapPublicIpOnLaunch: false,
          tags: { Name: `${name}-${kind}-${zone}` },
        });
      const [privateSubnet, publicSubnet] = [subnet("private"), subnet("public")];
      // One per zone, so that a zone's way out can be in the zone.
      const privateTable = new RouteTable(this, `private-routes-${zone}`, {
        provider,
        vpcId: vpc.id,
        tags: { Name: `${name}-private-${zone}` },
      });
      const associate = (associationId: string, subnetId: string, routeTableId: string): void => {
        new RouteTableAssociation(this, associationId, { provider, subnetId, routeTableId });
      };
      associate(`private-association-${zone}`, privateSubnet.id, privateTable.id);
      associate(`public-association-${zone}`, publicSubnet.id, publicTable.id);
      return { name: zone, publicSubnetId: publicSubnet.id, privateSubnetId: privateSubnet.id, privateRouteTableId: privateTable.id };
    });

    const s3 = new VpcEndpoint(this, "s3-gateway", {
      provider,
      vpcId: vpc.id,
      vpcEndpointType: "Gateway",
      serviceName: endpointService("s3", props.region),
      routeTableIds: this.zones.map(({ privateRouteTableId }) => privateRouteTableId),
      tags: { Name: `${name}-s3` },
    });
    this.s3PrefixListId = s3.prefixListId;
  }
}
