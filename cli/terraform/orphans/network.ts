import {
  DeleteInternetGatewayCommand,
  DeleteLaunchTemplateCommand,
  DeleteNatGatewayCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DeleteVpcEndpointsCommand,
  DescribeInternetGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeTagsCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
  ReleaseAddressCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import type { AwsClients } from "../../aws.ts";
import { allPages, type Found, type OrphanKind, type Owner } from "./kind.ts";

/** Instances, volumes and interfaces carry the tags too, but are made by autoscaling groups, so no state ever holds them. */
const ec2Types: Readonly<Record<string, string>> = {
  "launch-template": "aws_launch_template",
  "vpc-endpoint": "aws_vpc_endpoint",
  natgateway: "aws_nat_gateway",
  "elastic-ip": "aws_eip",
  "internet-gateway": "aws_internet_gateway",
  "route-table": "aws_route_table",
  subnet: "aws_subnet",
  "security-group-rule": "aws_vpc_security_group_ingress_rule",
  "security-group": "aws_security_group",
  vpc: "aws_vpc",
};

/** One kind for each type that EC2 lists by tag; `remove` deletes one of them, with what hangs on it. */
function tagged(ec2Type: string, remove: (clients: AwsClients, id: string) => Promise<unknown>): OrphanKind {
  const type = ec2Types[ec2Type] ?? ec2Type;
  return {
    types: [type],
    list: async (clients, owner) => (await idsByTag(clients, owner, ec2Type)).map((id) => ({ type, id })),
    remove: async (clients, { id }) => {
      await remove(clients, id);
    },
  };
}

async function idsByTag({ ec2 }: AwsClients, owner: Owner, ec2Type: string): Promise<string[]> {
  const having = async (key: string, value: string): Promise<Set<string | undefined>> => {
    const Filters = [
      { Name: "resource-type", Values: [ec2Type] },
      { Name: "key", Values: [key] },
      { Name: "value", Values: [value] },
    ];
    const tags = await allPages(
      (NextToken) => ec2.send(new DescribeTagsCommand({ Filters, ...(NextToken === undefined ? {} : { NextToken }) })),
      (page) => page.NextToken,
      (page) => page.Tags,
    );
    return new Set(tags.map(({ ResourceId }) => ResourceId));
  };
  const [environment, stack] = await Promise.all([having("environment", owner.environment), having("stack", owner.stack)]);
  return [...environment].filter((id): id is string => id !== undefined && stack.has(id));
}

const securityGroupRules: OrphanKind = {
  types: ["aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"],
  async list(clients, owner): Promise<Found[]> {
    const ids = await idsByTag(clients, owner, "security-group-rule");
    if (ids.length === 0) return [];
    const { SecurityGroupRules } = await clients.ec2.send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: ids }));
    return (SecurityGroupRules ?? []).flatMap(({ SecurityGroupRuleId: id, IsEgress }) =>
      id === undefined ? [] : [{ type: `aws_vpc_security_group_${IsEgress ? "egress" : "ingress"}_rule`, id }],
    );
  },
  async remove({ ec2 }, { id, type }) {
    const { SecurityGroupRules } = await ec2.send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [id] }));
    const request = { GroupId: SecurityGroupRules?.[0]?.GroupId, SecurityGroupRuleIds: [id] };
    await (type === "aws_vpc_security_group_egress_rule"
      ? ec2.send(new RevokeSecurityGroupEgressCommand(request))
      : ec2.send(new RevokeSecurityGroupIngressCommand(request)));
  },
};

/** Associations have no tags: those of the owner's route tables count. A second one for a subnet would be refused. */
const routeTableAssociations: OrphanKind = {
  types: ["aws_route_table_association"],
  async list(clients, owner): Promise<Found[]> {
    const ids = await idsByTag(clients, owner, "route-table");
    if (ids.length === 0) return [];
    const { RouteTables } = await clients.ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: ids }));
    return (RouteTables ?? []).flatMap(({ RouteTableId, Associations }) =>
      (Associations ?? []).flatMap(({ RouteTableAssociationId, SubnetId, Main }) =>
        RouteTableAssociationId === undefined || Main === true
          ? []
          : [{ type: "aws_route_table_association", id: `${SubnetId}/${RouteTableId}`, known: [RouteTableAssociationId] }],
      ),
    );
  },
  async remove({ ec2 }, { known }) {
    await ec2.send(new DisassociateRouteTableCommand({ AssociationId: known?.[0] }));
  },
};

/** Routes have no tags either. The local route and those of gateway endpoints are nobody's resource. */
const routes: OrphanKind = {
  types: ["aws_route"],
  async list(clients, owner): Promise<Found[]> {
    const ids = await idsByTag(clients, owner, "route-table");
    if (ids.length === 0) return [];
    const { RouteTables } = await clients.ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: ids }));
    return (RouteTables ?? []).flatMap(({ RouteTableId, Routes }) =>
      (Routes ?? []).flatMap(({ Origin, GatewayId, DestinationCidrBlock, DestinationIpv6CidrBlock }) => {
        const destination = DestinationCidrBlock ?? DestinationIpv6CidrBlock;
        if (destination === undefined || Origin !== "CreateRoute" || GatewayId === "local" || GatewayId?.startsWith("vpce-")) return [];
        return [{ type: "aws_route", id: `${RouteTableId}_${destination}` }];
      }),
    );
  },
  async remove({ ec2 }, { id }) {
    const [RouteTableId, destination = ""] = id.split("_");
    const block = destination.includes(":") ? { DestinationIpv6CidrBlock: destination } : { DestinationCidrBlock: destination };
    await ec2.send(new DeleteRouteCommand({ RouteTableId, ...block }));
  },
};

async function detachInternetGateway({ ec2 }: AwsClients, id: string): Promise<void> {
  const { InternetGateways } = await ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
  for (const { VpcId } of InternetGateways?.[0]?.Attachments ?? []) {
    await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId }));
  }
}

/** Before the machines' load balancers and groups are gone nothing of this can go: see `orphans.ts` for the order. */
export const networkKinds: readonly OrphanKind[] = [
  routes,
  tagged("launch-template", ({ ec2 }, id) => ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id }))),
  tagged("vpc-endpoint", ({ ec2 }, id) => ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }))),
  tagged("natgateway", ({ ec2 }, id) => ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: id }))),
  tagged("elastic-ip", ({ ec2 }, id) => ec2.send(new ReleaseAddressCommand({ AllocationId: id }))),
  tagged("internet-gateway", async (clients, id) => {
    await detachInternetGateway(clients, id);
    await clients.ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: id }));
  }),
  routeTableAssociations,
  tagged("route-table", ({ ec2 }, id) => ec2.send(new DeleteRouteTableCommand({ RouteTableId: id }))),
  tagged("subnet", ({ ec2 }, id) => ec2.send(new DeleteSubnetCommand({ SubnetId: id }))),
  securityGroupRules,
  tagged("security-group", ({ ec2 }, id) => ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }))),
  tagged("vpc", ({ ec2 }, id) => ec2.send(new DeleteVpcCommand({ VpcId: id }))),
];
